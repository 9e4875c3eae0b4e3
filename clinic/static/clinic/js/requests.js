// What every partial request carries and how its answer is taken.
(() => {
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content || "";
  const notices = () => document.getElementById("notices");

  // A key or a click by a person, and what it started within the same moment, keeps the session; polling does not.
  let touched = 0;
  const touch = (event) => { if (event.isTrusted) touched = event.timeStamp; };
  for (const kind of ["pointerdown", "keydown", "submit", "change"]) document.addEventListener(kind, touch, true);
  const byPerson = () => performance.now() - touched < 1000;

  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, elt } = event.detail;
    if (event.detail.verb !== "get") headers["X-CSRFToken"] = meta("csrf-token");
    const automatic = elt.closest("[data-poll]") === elt || headers["X-Autosave"];
    if (!automatic && byPerson()) headers["X-Person-Activity"] = "1";
  });

  // A list that refreshes by itself does not work unseen. While somebody is at work in it, it asks for the counts alone:
  // no open form, menu, tick or "Undo" is taken away, and nothing that was typed.
  const WORKED_IN = ".inplace, .tl > li.done, details[open], dialog[open], input.tick:checked, input:focus, select:focus, textarea:focus";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-poll]") && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters } = event.detail;
    if (elt.matches("[data-poll]") && elt.querySelector(WORKED_IN)) parameters.busy = "1";
  });

  // Refusals name their own place; a form that comes back with its errors takes the place it had.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 422 || (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget"))) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  const say = (id) => {
    const words = document.getElementById(id);
    if (words && notices()) notices().replaceChildren(words.content.cloneNode(true));
  };
  const isAutosave = (event) => Boolean(event.detail.requestConfig?.headers?.["X-Autosave"]);
  const isPoll = (event) => Boolean(event.detail.elt?.matches?.("[data-poll]"));
  document.addEventListener("htmx:sendError", (event) => { if (!isAutosave(event) && !isPoll(event)) say("notice-away"); });
  document.addEventListener("htmx:responseError", (event) => { if (!isAutosave(event) && !isPoll(event)) say("notice-fault"); });

  // "Saved. Undo." stays long enough to be used, then goes.
  const expire = (root) => {
    for (const elt of root.querySelectorAll?.("[data-remove-after]") || []) {
      setTimeout(() => {
        const next = elt.nextElementSibling || elt.previousElementSibling;
        if (elt.contains(document.activeElement)) next?.focus({ preventScroll: true });
        elt.remove();
        // What changed meanwhile shows now, and not only with the next minute.
        if (document.getElementById("today-new")?.textContent.trim()) window.htmx.trigger("#today", "refresh");
      }, Number(elt.dataset.removeAfter) * 1000);
    }
  };
  document.addEventListener("htmx:load", (event) => expire(event.detail.elt.parentElement || document));
})();
