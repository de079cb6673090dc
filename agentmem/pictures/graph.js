"use strict";
(() => {
  const picture = document.getElementById("picture"), aside = document.querySelector("aside");
  const nodes = [...picture.querySelectorAll(".node")], edges = [...picture.querySelectorAll(".edge")];
  const whole = picture.viewBox.baseVal, home = [whole.x, whole.y, whole.width, whole.height];
  const beside = nodes.map(() => []);
  for (const edge of edges) {
    const [one, other] = [Number(edge.dataset.one), Number(edge.dataset.other)];
    beside[one].push([other, edge]);
    beside[other].push([one, edge]);
  }
  const empty = [...aside.childNodes];
  let pinned = null;

  const make = (tag, text, name) => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  const tell = (number) => {
    const { label, kind, note, text } = nodes[number].dataset;
    const list = document.createElement("ul");
    const last = ([, edge]) => Number(edge.dataset.kind === "mention");
    for (const [other, edge] of [...beside[number]].sort((one, two) => last(one) - last(two) || two[0] - one[0])) {
      const item = make("li", "", edge.dataset.kind);
      const name = make("button", nodes[other].dataset.label);
      name.addEventListener("click", () => choose(other));
      item.append(name, make("small", edge.dataset.said));
      list.append(item);
    }
    aside.replaceChildren(make("h2", kind === "entity" ? label : "Text"), make("p", note, "soft"));
    if (text) aside.append(make("p", text));
    aside.append(list);
  };
  const look = (number) => {
    for (const marked of picture.querySelectorAll(".chosen, .beside")) marked.classList.remove("chosen", "beside");
    picture.classList.toggle("looking", number !== null);
    if (number === null) return aside.replaceChildren(...empty);
    nodes[number].classList.add("chosen");
    for (const [other, edge] of beside[number]) {
      nodes[other].classList.add("beside");
      edge.classList.add("beside");
    }
    tell(number);
  };
  const choose = (number) => { pinned = number; look(number); };

  nodes.forEach((node, number) => {
    node.addEventListener("pointerenter", () => { if (pinned === null && !start) look(number); });
    node.addEventListener("pointerleave", () => { if (pinned === null && !start) look(null); });
    node.addEventListener("focus", () => { if (node.matches(":focus-visible")) choose(number); });
    node.addEventListener("click", (event) => { event.stopPropagation(); if (!moved) choose(number); });
  });
  picture.addEventListener("click", () => { if (!moved) choose(null); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") choose(null); });

  const show = (x, y, width, height) => {
    picture.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    picture.classList.toggle("near", width < home[2] * 0.55);
  };
  const zoom = (by, clientX, clientY) => {
    const { x, y, width, height } = picture.viewBox.baseVal;
    const wider = Math.min(Math.max(width * by, home[2] / 30), home[2] * 2) / width;
    const place = new DOMPoint(clientX, clientY).matrixTransform(picture.getScreenCTM().inverse());
    show(place.x - (place.x - x) * wider, place.y - (place.y - y) * wider, width * wider, height * wider);
  };
  const middle = (by) => {
    const box = picture.getBoundingClientRect();
    zoom(by, box.x + box.width / 2, box.y + box.height / 2);
  };
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(Math.min(Math.max(event.deltaY, -120), 120) / 500), event.clientX, event.clientY);
  }, { passive: false });
  document.getElementById("in").addEventListener("click", () => middle(1 / 1.4));
  document.getElementById("out").addEventListener("click", () => middle(1.4));
  document.getElementById("fit").addEventListener("click", () => show(...home));

  let start = null, moved = false;
  picture.addEventListener("pointerdown", (event) => {
    const { x, y } = picture.viewBox.baseVal, scale = picture.getScreenCTM().a;
    start = { x, y, scale, clientX: event.clientX, clientY: event.clientY };
    moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!start) return;
    const [right, down] = [event.clientX - start.clientX, event.clientY - start.clientY];
    if (!moved && Math.hypot(right, down) < 4) return;
    moved = true;
    picture.classList.add("moving");
    const { width, height } = picture.viewBox.baseVal;
    show(start.x - right / start.scale, start.y - down / start.scale, width, height);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(end, () => { start = null; picture.classList.remove("moving"); });
  }

  const search = document.getElementById("search");
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    picture.classList.toggle("searching", wanted !== "");
    for (const node of nodes) {
      const told = `${node.dataset.label} ${node.dataset.text}`.toLowerCase();
      node.classList.toggle("matching", wanted !== "" && told.includes(wanted));
    }
  });
  search.addEventListener("keydown", (event) => {
    const found = nodes.findIndex((node) => node.classList.contains("matching"));
    if (event.key === "Enter" && found >= 0) choose(found);
  });
})();
