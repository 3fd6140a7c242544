// Brings the page up to date while somebody looks, and only then. Without script, reload it.
"use strict";
(() => {
  const every = 4000;
  let seen = "";
  let timer;

  async function refresh() {
    const answer = await fetch(location.href, { headers: seen ? { "If-None-Match": seen } : {}, cache: "no-store" });
    if (answer.status !== 200) return;
    seen = answer.headers.get("ETag") || "";
    show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }

  // localize writes times as this browser's clock shows them, with the zone.
  function localize(content) {
    const words = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
    for (const time of content.querySelectorAll("time")) {
      time.textContent = words.format(new Date(time.dateTime));
    }
  }

  // show swaps the content, keeping which reports are open and where the keyboard is.
  function show(fresh) {
    const main = document.querySelector("main");
    const next = fresh.querySelector("main");
    if (next) localize(next);
    if (!next || main.innerHTML === next.innerHTML) return;
    for (const open of main.querySelectorAll("details[open]")) {
      fresh.getElementById(open.id)?.setAttribute("open", "");
    }
    if (main.dataset.mode !== next.dataset.mode) {
      document.getElementById("news").textContent = next.querySelector("h1").textContent;
    }
    const focused = document.activeElement?.id;
    document.title = fresh.title;
    main.replaceWith(document.adoptNode(next));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    refresh().catch(() => {}).finally(() => { timer = setTimeout(look, every); });
  }

  localize(document);
  document.addEventListener("visibilitychange", look);
  look();
})();
