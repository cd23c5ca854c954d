// Passkeys. Only a script can ask the browser for one; what it answers is sent as an ordinary form.
// Forms for it are hidden until it is known that this browser can.

const canAsk = window.PublicKeyCredential?.parseRequestOptionsFromJSON && window.isSecureContext;
if (canAsk) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", ask);
  }
  for (const sentence of document.querySelectorAll("[data-without-passkeys]")) sentence.hidden = true;
}

let isAsking = false;
async function ask(event) {
  event.preventDefault();
  if (isAsking) return; // the second click of a double click
  isAsking = true;
  const form = event.target;
  const told = form.querySelector("[data-told]");
  told.textContent = "";
  try {
    const answer = await fetch(form.dataset.passkey, { method: "POST", body: new FormData(form) });
    if (answer.redirected) return location.assign(answer.url); // the password is asked for again
    if (!answer.ok) throw new Error(answer.status);
    const credential = await credentialFor(await answer.json());
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch {
    told.textContent = form.dataset.failed;
  } finally {
    isAsking = false;
  }
}

// With ``user`` a new one is made, else one of those that are there signs.
function credentialFor(question) {
  return question.user
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) });
}
