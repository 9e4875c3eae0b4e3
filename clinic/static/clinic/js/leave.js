// "Close and leave this page": the way back leads past it.
(() => {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-leave]");
    if (!link) return;
    event.preventDefault();
    window.location.replace(link.href);
  });
})();
