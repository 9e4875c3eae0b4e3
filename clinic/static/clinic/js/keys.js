// Keys of the pages (look.md, "Keys"). Never while somebody types, except Esc and Ctrl Enter; single keys can be switched off.
(() => {
  const singleKeys = () => document.body.dataset.singleKeys !== "off";
  const typing = (elt) => elt.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const go = { t: "today", p: "patients", b: "board", c: "sessions", m: "messages" };
  let waitsForPage = 0;

  const click = (selector, root = document) => {
    const target = root?.querySelector(selector);
    if (!target) return false;
    target.click();
    return true;
  };

  const everywhere = (key) => {
    if (key === "/") { const box = document.querySelector("[data-find]"); box?.focus(); return Boolean(box); }
    if (key === "?") { const box = document.getElementById("keys"); if (!box?.open) box?.showModal(); return Boolean(box); }
    if (key === "g") { waitsForPage = Date.now(); return true; }
    return false;
  };

  const toPage = (key) => {
    const waited = Date.now() - waitsForPage < 1500;
    waitsForPage = 0;
    return waited && key in go && click(`[data-go="${go[key]}"]`);
  };

  // -- Today: one line is the current one -----------------------------------------------------------------------------
  const lines = () => [...document.querySelectorAll(".tl > li:not(.done)")];
  const here = () => document.activeElement?.closest?.(".tl > li") || document.querySelector(".tl > li.here");
  const stand = (line) => {
    for (const other of document.querySelectorAll(".tl > li.here")) other.classList.remove("here");
    if (!line) return false;
    line.classList.add("here");
    line.focus({ preventScroll: true });
    line.scrollIntoView({ block: "nearest" });
    return true;
  };
  const step = (by) => {
    const all = lines(), now = here();
    if (!all.length) return false;
    let at = all.indexOf(now);
    // Where a line was just saved, the next one is the one below it.
    if (at < 0 && now) at = all.findIndex((line) => now.compareDocumentPosition(line) & 4) - (by > 0 ? 1 : 0);
    else if (at < 0) return stand(all[0]);
    return stand(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  };
  // A list that came anew keeps the keyboard where it was; where that line is gone, it stands on the one below, or above.
  let stood = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "today") return;
    const all = [...document.querySelectorAll(".tl > li")], now = here(), at = all.indexOf(now);
    const near = at < 0 ? [] : [...all.slice(at), ...all.slice(0, at).reverse()];
    stood = { ids: near.map((line) => line.id), inside: Boolean(now?.contains(document.activeElement)) };
  });
  document.addEventListener("htmx:afterSettle", () => {
    const place = stood;
    stood = null;
    if (!place) return;
    const line = here() || place.ids.map((id) => document.getElementById(id)).find(Boolean);
    if (line && place.inside && !line.contains(document.activeElement)) stand(line); else line?.classList.add("here");
  });
  const fold = () => {
    const form = document.activeElement?.closest?.("form.inplace");
    const close = form?.querySelector("[data-fold]");
    if (!close) return false;
    const typed = [...form.elements].some((each) => each.value !== undefined && (each.type === "radio" || each.type === "checkbox" ? each.checked !== each.defaultChecked : each.matches("input, textarea") && each.value !== each.defaultValue));
    if (typed) close.focus(); else close.click();
    return true;
  };
  const today = (key, target) => {
    if (!document.querySelector(".tl")) return false;
    if (key === "j" || key === "ArrowDown") return step(1);
    if (key === "k" || key === "ArrowUp") return step(-1);
    if (key === "o") return click(".who a", here());
    if (key === "Enter" && target === here()) return click(".act .btn", here());
    const form = here()?.querySelector(".inplace") || document.querySelector(".tl .inplace");
    return Boolean(form) && choose(form, key);
  };
  const choose = (root, key) => {
    const input = root.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!input) return false;
    input.click();
    input.focus();
    return true;
  };

  // -- chart ----------------------------------------------------------------------------------------------------------
  const chart = (key) => {
    const tabs = [...document.querySelectorAll(".ctabs a")];
    if (key === "[" || key === "]") {
      const at = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
      const next = tabs[at + (key === "]" ? 1 : -1)];
      next?.click();
      return Boolean(next);
    }
    if (key === "l") {
      const list = document.querySelector("details.sw-course-list");
      if (list) { list.open = !list.open; list.querySelector("summary").focus(); }
      return Boolean(list);
    }
    return key === "m" && click("[data-key-move]");
  };

  // -- intake: digits choose the option with these points and go on ---------------------------------------------------
  const items = () => [...document.querySelectorAll(".item[data-item]")];
  const current = () => document.activeElement?.closest?.(".item[data-item]") || document.querySelector(".item.cur");
  const stay = (item) => {
    if (!item) return false;
    for (const other of items()) other.classList.toggle("cur", other === item);
    const input = item.querySelector("input:checked") || item.querySelector("input, select, textarea");
    input?.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
    return true;
  };
  const move = (by) => {
    const all = items();
    const at = all.indexOf(current());
    return stay(all[at < 0 ? 0 : at + by]);
  };
  const intake = (key) => {
    if (!document.querySelector(".item[data-item]")) return false;
    if (key === "ArrowDown") return move(1);
    if (key === "ArrowUp") return move(-1);
    if (!/^[0-9]$/.test(key)) return false;
    const option = (current() || items()[0])?.querySelector(`input[data-points="${key}"]`);
    if (!option) return false;
    option.click();
    const all = items();
    stay(all[all.indexOf(option.closest(".item")) + 1]) || option.focus();
    return true;
  };
  document.addEventListener("focusin", (event) => {
    const line = event.target.closest(".tl > li");
    if (line) for (const other of document.querySelectorAll(".tl > li.here")) other.classList.toggle("here", other === line);
    if (line === event.target) line.classList.add("here");
    const item = event.target.closest(".item[data-item]");
    if (item) for (const other of items()) other.classList.toggle("cur", other === item);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const { key, target } = event;
    let used = false;
    if (event.ctrlKey && key === "Enter") {
      const form = target.closest?.("form.inplace") || here()?.querySelector("form.inplace") || document.querySelector("form.inplace");
      if (form) { form.requestSubmit(); used = true; }
    } else if (key === "Escape" && !document.querySelector("details.sw-menu[open]")) {
      used = fold();
    } else if (event.altKey && (key === "ArrowRight" || key === "ArrowLeft")) {
      used = click(key === "ArrowRight" ? "[data-next-section]" : "[data-previous-section]");
    } else if (!event.ctrlKey && !event.altKey && !event.metaKey && singleKeys() && !typing(target)) {
      used = toPage(key) || everywhere(key) || today(key, target) || chart(key) || intake(key);
    }
    if (used) event.preventDefault();
  });
})();
