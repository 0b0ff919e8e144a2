// While the newest page of a list is looked at, says every ten seconds how many rows are new.  Rows do
// not move by themselves: the pill is a link that loads them.

const EVERY = 10_000;

async function ask() {
  const pill = document.querySelector("[data-newer]");
  if (!pill || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(pill.dataset.newer, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { new: number } = await answer.json();
    pill.hidden = !number;
    pill.querySelector("[data-number]").textContent = number > 99 ? "99+" : number;
  } catch {
    // no network just now; the next try is in ten seconds
  }
}

setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);
