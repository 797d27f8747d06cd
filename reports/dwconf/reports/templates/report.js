"use strict";
(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const one = (selector) => document.querySelector(selector);
  for (const part of all(".needs-script")) part.hidden = false;

  const rules = all(".rule").map((element) => ({
    element,
    verdict: element.dataset.verdict,
    words: element.textContent.toLowerCase(),
    name: element.querySelector(".id").textContent,
  }));
  const search = one("#search");
  const chips = all(".chip");
  const openedByUs = new Set();

  const wanted = () => new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.verdict));

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = wanted();
    const active = words.length > 0 || verdicts.size > 0;
    const names = new Set();
    for (const rule of rules) {
      const match = (verdicts.size === 0 || verdicts.has(rule.verdict)) && words.every((word) => rule.words.includes(word));
      rule.element.hidden = !match;
      if (match) names.add(rule.name);
    }
    for (const group of all(".chapter, .finding")) {
      const some = all(".rule", group).some((rule) => !rule.hidden);
      group.hidden = active && !some;
      if (group.matches(".chapter")) showChapter(group, active && some);
    }
    one("#matches").textContent = active ? `${names.size} ${names.size === 1 ? "rule matches" : "rules match"}` : "";
  }

  function showChapter(chapter, open) {
    if (open && !chapter.open) {
      chapter.open = true;
      openedByUs.add(chapter);
    } else if (!open && openedByUs.delete(chapter)) {
      chapter.open = false;
    }
  }

  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) {
      search.value = "";
      for (const chip of chips) chip.setAttribute("aria-pressed", "false");
      filter();
    }
    for (let element = target; element; element = element.parentElement) if (element.tagName === "DETAILS") element.open = true;
    target.scrollIntoView();
  }

  const present = new Set(rules.map((rule) => rule.verdict));
  for (const chip of chips) {
    chip.hidden = !present.has(chip.dataset.verdict);
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      filter();
    });
  }
  search.addEventListener("input", filter);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && document.activeElement === search) {
      search.value = "";
      filter();
    }
  });

  const setOpen = (open) => {
    for (const element of all(".card, .chapter")) if (!element.hidden) element.open = open;
  };
  one("#open-all").addEventListener("click", () => setOpen(true));
  one("#close-all").addEventListener("click", () => setOpen(false));

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
  for (const button of all(".copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        select(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  one("#theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  addEventListener("beforeprint", () => { for (const card of all(".card.v-fail")) card.open = true; });
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();
})();
