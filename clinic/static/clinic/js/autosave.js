// Saves a form while it is filled in: `<form data-autosave-url="…">` and a `[data-autosave-status]` (partials/autosave.html).
// What is typed stays in this page alone, never in the browser's storage. The server's answer may carry parts to swap
// out of band (live score, safety prompt, the draft's version).
(() => {
  const DEBOUNCE = 1000, RETRY = [2000, 5000, 10000, 20000, 30000];

  const start = (form) => {
    if (form.dataset.autosaving) return;
    form.dataset.autosaving = "yes";
    form.noValidate = true; // an incomplete draft is saved too; the server names what is missing when it is signed
    const url = form.dataset.autosaveUrl;
    let timer = 0, changed = false, sending = false, failures = 0, unsavedSince = 0, ticker = 0;

    const status = () => document.querySelector("[data-autosave-status]");
    const show = (state) => {
      for (const part of status()?.querySelectorAll("[data-state]") || []) part.hidden = part.dataset.state !== state;
    };
    const count = () => {
      const place = status()?.querySelector("[data-seconds]");
      if (place) place.textContent = String(Math.round((Date.now() - unsavedSince) / 1000));
    };
    const later = (wait) => { clearTimeout(timer); timer = setTimeout(send, wait); };

    const send = () => {
      if (sending || !changed) return;
      sending = true;
      changed = false;
      if (!failures) show("saving");
      // The outcome is read from htmx:afterRequest below; the promise adds nothing to it.
      window.htmx.ajax("POST", url, { source: form, swap: "none", headers: { "X-Autosave": "1" } }).catch(() => {});
    };

    const calm = () => {
      failures = 0;
      unsavedSince = 0;
      clearInterval(ticker);
    };
    const saved = () => {
      calm();
      const time = status()?.querySelector("[data-saved-at]");
      if (time) time.textContent = new Date().toLocaleTimeString([], { hour12: false });
      if (changed) later(DEBOUNCE); else show("saved");
    };
    const refused = () => { calm(); show("none"); };
    const failed = () => {
      changed = true;
      if (!unsavedSince) {
        unsavedSince = Date.now();
        ticker = setInterval(count, 1000);
      }
      count();
      show("unsaved");
      later(RETRY[Math.min(failures, RETRY.length - 1)]);
      failures += 1;
    };

    const note = (event) => {
      if (event.target.closest("[data-no-autosave]")) return;
      changed = true;
      if (!failures) later(event.type === "change" ? 150 : DEBOUNCE);
    };
    form.addEventListener("input", note);
    form.addEventListener("change", note);
    form.addEventListener("submit", () => { clearTimeout(timer); changed = false; unsavedSince = 0; });
    document.addEventListener("htmx:afterRequest", (event) => {
      const config = event.detail.requestConfig;
      if (!config?.headers?.["X-Autosave"] || config.path !== url) return;
      sending = false;
      const code = event.detail.xhr?.status || 0;
      // 409, 412 and 422 are answers: the page says why, and sending the same again would not help.
      if (event.detail.successful) saved();
      else if ([409, 412, 422].includes(code)) refused();
      else failed();
    });
    window.addEventListener("online", () => { if (failures) later(0); });
    // Leaving sends what is still waiting; only what could not be sent asks before it is lost.
    window.addEventListener("pagehide", () => { if (changed) navigator.sendBeacon(url, new FormData(form)); });
    window.addEventListener("beforeunload", (event) => { if (failures) event.preventDefault(); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && changed) later(0); });
  };

  const seek = (root) => { for (const form of root.querySelectorAll?.("form[data-autosave-url]") || []) start(form); };
  seek(document);
  document.addEventListener("htmx:load", (event) => { seek(event.detail.elt.parentElement || document); });
})();
