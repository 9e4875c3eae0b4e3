// Questions before what is hard to take back (data-confirm, hx-confirm), and dialogs opened by a button (data-open).
(() => {
  const dialog = () => document.getElementById("confirm");
  const ask = (words) => new Promise((done) => {
    const box = dialog();
    if (!box) { done(window.confirm(words)); return; }
    box.querySelector("[data-words]").textContent = words;
    box.returnValue = "no";
    box.addEventListener("close", () => done(box.returnValue === "yes"), { once: true });
    box.showModal();
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const words = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!words || form.dataset.confirmed === "yes" || form.method === "dialog") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await ask(words))) return;
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter || undefined);
    delete form.dataset.confirmed;
  }, true);

  document.addEventListener("htmx:confirm", async (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    if (await ask(event.detail.question)) event.detail.issueRequest(true);
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (!opener) return;
    opener.closest("details.sw-menu")?.removeAttribute("open");
    document.getElementById(opener.dataset.open)?.showModal();
  });
  // A dialog that arrives as an answer opens itself.
  document.addEventListener("htmx:load", (event) => {
    const box = event.detail.elt;
    if (box.matches?.("dialog[data-show]") && !box.open) box.showModal();
  });
})();
