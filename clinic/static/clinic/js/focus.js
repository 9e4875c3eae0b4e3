// Where the keyboard is after a page or a part of it arrived: the error summary first, else what asks for it.
(() => {
  const seek = (root) => {
    const wanted = root.querySelector(".sw-errors[data-focus]") || root.querySelector("[data-focus]");
    if (wanted) wanted.focus();
  };
  seek(document);
  document.addEventListener("htmx:afterSwap", (event) => seek(event.detail.target?.parentElement || document));

  // A link of the error summary goes into the input, also where the name belongs to a group.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".sw-errors a[href^='#']");
    if (!link) return;
    const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const input = place?.matches("input, select, textarea, button") ? place : place?.querySelector("input, select, textarea");
    if (!input) return;
    event.preventDefault();
    input.focus();
    input.scrollIntoView({ block: "center" });
  });

  // A menu closes when one leaves it.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.sw-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.sw-menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
})();
