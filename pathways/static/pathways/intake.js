// A form of an instrument while it is filled in: the score so far, and items that come and go with their lead question.
// Scores come from the same endpoint programs use; saving is autosave.js, prompts and sections arrive with its answer.
(() => {
  const form = document.querySelector("form[data-instrument]");
  if (!form) return;
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
  const narrow = window.matchMedia("(max-width: 767.98px)");
  let waiting = 0, asked = null, saving = 0, pressed = null;

  const value = (input) => {
    if (input.matches("[data-number]")) {
      const number = Number(input.value.trim().replace(",", "."));
      return input.value.trim() === "" ? undefined : Number.isFinite(number) ? number : input.value.trim();
    }
    return input.hasAttribute("data-text") ? input.value : Number(input.value);
  };
  const answers = () => {
    const found = {};
    for (const input of form.querySelectorAll(".item-box input")) {
      if (input.closest("fieldset")?.disabled || (input.type === "radio" && !input.checked)) continue;
      const given = value(input);
      if (given !== undefined) found[input.name] = given;
    }
    return found;
  };
  const context = () => {
    const box = form.querySelector("[data-prescribed]");
    return { sex: form.dataset.sex, ...(box ? { taken_as_prescribed: box.checked } : {}) };
  };

  const showItems = (visible) => {
    let changed = false;
    for (const box of form.querySelectorAll(".item-box")) {
      const shown = visible.includes(box.dataset.box);
      if (box.hidden !== shown) continue;
      box.hidden = !shown;
      const fields = box.querySelector("fieldset");
      fields.disabled = !shown;
      // An answer to a question that is no longer asked is not kept (the server drops it too).
      if (!shown) for (const input of fields.querySelectorAll("input")) {
        if (input.type === "radio") input.checked = false; else input.value = "";
      }
      changed = true;
    }
    return changed;
  };
  const put = (selector, words) => { for (const place of document.querySelectorAll(selector)) place.textContent = words; };
  const showScore = (got) => {
    const boxes = [...form.querySelectorAll(".item-box[data-required]")];
    const needed = boxes.filter((box) => got.visible.includes(box.dataset.box)).length;
    put("[data-answered]", String(needed - got.missing.length));
    put("[data-asked]", String(needed));
    const complete = got.status === "complete";
    const live = document.getElementById("live");
    for (const part of live?.querySelectorAll("[data-part]") || []) {
      const { part: key, items, low, high } = part.dataset;
      const sum = items.split(" ").reduce((total, item) => total + (got.points[item] || 0), 0);
      const known = complete ? (key === "total" ? got.total : got.subscores[key]) : sum;
      const shown = known ?? sum;
      part.querySelector("[data-value]").textContent = String(shown);
      const band = complete ? (typeof got.band === "string" ? got.band : got.band?.[key]) || "" : "";
      part.querySelector("[data-band]").textContent = band;
      part.querySelector("[data-next]")?.replaceChildren();
      const at = Math.min(Math.max(((shown - Number(low)) * 100) / Math.max(Number(high) - Number(low), 1), 0), 100);
      part.querySelector("[data-pointer]")?.setAttribute("x", `${at.toFixed(2)}%`);
      if (key === "total") {
        put("[data-bar-value]", String(shown));
        put("[data-bar-band]", band ? `· ${band}` : "");
      }
    }
  };

  const score = async () => {
    asked?.abort();
    asked = new AbortController();
    try {
      const reply = await fetch(form.dataset.scoreUrl, {
        method: "POST", credentials: "same-origin", signal: asked.signal,
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ answers: answers(), context: context() }),
      });
      if (!reply.ok) return;
      const got = await reply.json();
      // Items that went took their answers with them: what is left is scored again.
      if (showItems(got.visible) && got.status === "invalid") { score(); return; }
      showScore(got);
    } catch (error) {
      if (error.name !== "AbortError") return; // saving says by itself that the server is away
    }
  };
  const soon = (wait) => { clearTimeout(waiting); waiting = setTimeout(score, wait); };
  form.addEventListener("change", () => soon(0));
  form.addEventListener("input", (event) => { if (event.target.matches("[data-number]")) soon(400); });

  // A save under way ends before the form is sent, so that both do not speak of the same version.
  const isSave = (event) => Boolean(event.detail.requestConfig?.headers?.["X-Autosave"]);
  document.addEventListener("htmx:beforeSend", (event) => { if (isSave(event)) saving += 1; });
  const ended = (event) => {
    if (!isSave(event)) return;
    saving = Math.max(saving - 1, 0);
    if (!saving && pressed) {
      const button = pressed;
      pressed = null;
      const same = [...form.querySelectorAll("button")].find((one) => one.name === button.name && one.value === button.value);
      setTimeout(() => form.requestSubmit(button.isConnected ? button : same), 30);
    }
  };
  document.addEventListener("htmx:afterRequest", ended);
  form.addEventListener("submit", (event) => {
    if (!saving) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed = event.submitter || form.querySelector("[value=stay]");
  }, true);

  // Leaving by the list of sections keeps what was typed: it goes the way of the buttons.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-section]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !form.dataset.autosaveUrl) return;
    event.preventDefault();
    const button = document.createElement("button");
    button.name = "go"; button.value = `to-${link.dataset.section}`; button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  });

  const fold = () => { const box = document.querySelector(".secs-fold"); if (box) box.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
  document.addEventListener("htmx:oobAfterSwap", (event) => { if (event.detail.target?.id === "sections") fold(); });
  if (Object.keys(answers()).length) soon(0);
})();
