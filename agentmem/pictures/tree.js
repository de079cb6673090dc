"use strict";
(() => {
  const branches = [...document.querySelectorAll("details")];
  const entries = [...document.querySelectorAll("details, .leaf")];
  const first = branches.map((branch) => branch.open);
  const open = (is) => branches.forEach((branch) => { branch.open = is; });
  document.getElementById("open").addEventListener("click", () => open(true));
  document.getElementById("close").addEventListener("click", () => open(false));
  const search = document.getElementById("search");
  search.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const entry of entries) {
      const own = (entry.tagName === "DETAILS" ? entry.firstElementChild : entry).textContent.toLowerCase();
      entry.classList.toggle("matching", wanted !== "" && own.includes(wanted));
      entry.classList.toggle("hidden", wanted !== "" && !entry.textContent.toLowerCase().includes(wanted));
    }
    branches.forEach((branch, number) => {
      branch.open = wanted === "" ? first[number] : branch.querySelector(".matching") !== null;
    });
  });
})();
