// The studio: nothing that is typed is lost, another kind asks its own fields at once, phases are dragged along the path.
// Without this file the same page works by its links and buttons.
(() => {
  const studio = () => document.getElementById("studio");
  const form = () => document.getElementById("part-form");
  let dirty = false, wanted = "";

  // -- what is typed and not saved ------------------------------------------------------------------------------------
  const warn = () => {
    const words = document.getElementById("studio-unsaved");
    const notices = document.getElementById("notices");
    if (words && notices) notices.replaceChildren(words.content.cloneNode(true));
    const save = form()?.querySelector(".acts .btn-primary");
    save?.focus();
    save?.scrollIntoView({ block: "nearest" });
  };
  const leaves = (elt) => dirty && form() && !form().contains(elt);

  document.addEventListener("input", (event) => { if (event.target.closest("#part-form")) dirty = true; });
  document.addEventListener("htmx:confirm", (event) => {
    if (!studio()?.contains(event.detail.elt) || !leaves(event.detail.elt)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    warn();
  }, true);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-put-back]")) dirty = false;
  }, true);
  document.addEventListener("submit", (event) => { if (form()?.contains(event.target) || event.target === form()) dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty && form()) event.preventDefault(); });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "studio") return;
    const code = event.detail.xhr?.status || 200;
    // A form that came back with its errors, or over somebody else's change, still holds what is not saved.
    dirty = Boolean(form()) && (code === 422 || code === 412 || event.detail.requestConfig?.verb === "post");
    if (!form()) return;
    document.getElementById("notices")?.replaceChildren();
  });
  // What was checked while somebody typed says nothing any more once the form is gone.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "problems" && !form()) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:responseError", () => { if (form()) dirty = true; });
  document.addEventListener("htmx:sendError", () => { if (form()) dirty = true; });

  // -- the button that was pressed, also where a question stood between -------------------------------------------------
  let pressed = null;
  document.addEventListener("submit", (event) => { if (event.target.id === "acts") pressed = event.submitter; }, true);
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id !== "acts" || !pressed) return;
    event.detail.parameters[pressed.name] = pressed.value;
    pressed = null;
  });

  // Where the keyboard was asked for, it has been by now; a later answer does not ask again.
  const used = () => { for (const elt of document.querySelectorAll("[data-focus]")) elt.removeAttribute("data-focus"); };
  document.addEventListener("htmx:afterSettle", used);
  used();

  // -- another kind asks other fields ---------------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const select = event.target.closest("[data-asks-anew]");
    if (!select) return;
    wanted = select.id;
    select.closest("form").querySelector("[data-anew]")?.click();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!wanted) return;
    document.getElementById(wanted)?.focus();
    wanted = "";
  });

  // -- phases are dragged along the path ------------------------------------------------------------------------------
  let carried = null;
  const steps = () => [...document.querySelectorAll("[data-walk] .step")];
  const clear = () => { for (const step of steps()) step.classList.remove("drag", "drop-before", "drop-after"); };
  const arm = () => {
    const all = steps();
    for (const step of all) step.draggable = all.length > 1;
  };
  const side = (step, event) => {
    const box = step.getBoundingClientRect();
    const along = window.matchMedia("(max-width: 767.98px)").matches
      ? event.clientY > box.top + box.height / 2
      : event.clientX > box.left + box.width / 2;
    return along ? "drop-after" : "drop-before";
  };
  document.addEventListener("dragstart", (event) => {
    const step = event.target.closest?.("[data-walk] .step");
    if (!step) return;
    carried = step;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", step.querySelector("b").textContent);
    step.classList.add("drag");
  });
  document.addEventListener("dragover", (event) => {
    const step = event.target.closest?.("[data-walk] .step");
    if (!carried || !step || step === carried) return;
    event.preventDefault();
    for (const other of steps()) other.classList.remove("drop-before", "drop-after");
    step.classList.add(side(step, event));
  });
  document.addEventListener("drop", (event) => {
    const step = event.target.closest?.("[data-walk] .step");
    if (!carried || !step || step === carried) return;
    event.preventDefault();
    const from = Number(carried.dataset.place), to = Number(step.dataset.place);
    const place = side(step, event) === "drop-after" ? to + (from > to ? 1 : 0) : to - (from < to ? 1 : 0);
    if (place !== from) put(`${carried.dataset.do}@${place}`);
    clear();
    carried = null;
  });
  document.addEventListener("dragend", () => { clear(); carried = null; });
  // The same form as the buttons, with one more button in it for a moment.
  const put = (value) => {
    if (dirty && form()) { warn(); return; }
    const acts = document.getElementById("acts");
    const button = Object.assign(document.createElement("button"), { type: "submit", name: "do", value });
    acts.append(button);
    button.click();
    button.remove();
  };

  // -- a mistake of a file leads to its line --------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".to-line");
    const box = document.querySelector("textarea.code");
    if (!link || !box) return;
    const lines = box.value.split("\n");
    const line = Math.min(Number(link.dataset.line), lines.length) - 1;
    const start = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
    box.focus();
    box.setSelectionRange(start, start + (lines[line]?.length || 0));
    box.scrollTop = Math.max(0, line - 4) * (parseFloat(getComputedStyle(box).lineHeight) || 20);
  });

  arm();
  document.addEventListener("htmx:load", arm);
})();
