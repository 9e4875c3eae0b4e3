// A form whose answer takes seconds says so, and is sent once.
(() => {
  const say = (form, on) => {
    const words = form.querySelector("[data-waiting]");
    words.textContent = on ? words.dataset.waiting : "";
    form.toggleAttribute("data-busy", on);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.querySelector("[data-waiting]")) return;
    if (form.hasAttribute("data-busy")) event.preventDefault();
    else say(form, true);
  });
  // Back to a page the browser had kept: nothing is under way any more.
  window.addEventListener("pageshow", () => {
    for (const words of document.querySelectorAll("[data-busy] [data-waiting]")) say(words.closest("form"), false);
  });
})();
