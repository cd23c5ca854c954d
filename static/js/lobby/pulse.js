// A registered display tells the house that it is there, and how it is.

const PATIENCE = 5_000; // milliseconds
const LONGEST_ERROR = 200; // characters

let error = "";

/** Remember what went wrong last, until the house has been told. */
export function note(fault) {
  error = String(fault?.message ?? fault).slice(0, LONGEST_ERROR);
}

/**
 * Send a sign of life; a house that cannot be reached is nothing new to whoever calls. ``told``: the build, what kind
 * of screen is shown, and in seconds how old the plan is and how far the clock of this machine is off.
 */
export async function pulse(address, told) {
  if (!address) return;
  const viewport = `${Math.round(innerWidth)}x${Math.round(innerHeight)}`;
  const sent = error;
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...told, viewport, error: sent }),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.ok && error === sent) error = "";
  } catch {
    // the next one tells of it
  }
}
