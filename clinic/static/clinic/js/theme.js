// Loaded in the head, before anything is drawn: the device's choice where the person made none.
(() => {
  const root = document.documentElement;
  root.classList.add("has-js");
  if (root.dataset.theme !== "auto") return;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  dark.addEventListener("change", apply);
  apply();
})();
