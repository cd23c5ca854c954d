// What is typed into a form stays with its page in the history of this tab: Back and reload show it again. A page that
// answers what was sent becomes one like any other: browsers would ask whether to send that once more.

/** Fill in what was typed, pairs of name and value, but for controls that ``isLeft`` names. */
export function fillIn(form, typed, isLeft = () => false) {
  for (const control of form.elements) {
    if (!control.name || ["hidden", "submit"].includes(control.type) || isLeft(control.name)) continue;
    const values = typed.filter(([name]) => name === control.name).map(([, value]) => value);
    if (["radio", "checkbox"].includes(control.type)) control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
  }
}

const form = document.querySelector("form[data-typed]");
if (form) {
  const isTyped = ([name]) => form.elements[name]?.type !== "hidden"; // tokens are not to be kept
  const keep = () => history.replaceState([...new FormData(form)].filter(isTyped), "", location.href);
  if (form.dataset.typed === "POST") keep();
  else if (history.state) fillIn(form, history.state);
  form.addEventListener("change", keep);
}
