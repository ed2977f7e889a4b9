/* What the pages gain from a script; without it everything still works. */
"use strict";
document.addEventListener("submit", function (event) {
  /* A second click would be answered with the first receipt anyway; this only spares the wait. */
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(function () { delete form.dataset.sent; }, 3000); /* a download leaves the page where it is */
});
window.addEventListener("pageshow", function () {
  document.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
});
document.addEventListener("click", function (event) {
  if (event.target.closest("[data-print]")) window.print();
});
document.documentElement.classList.add("js");
const first = document.querySelector(".errors");
if (first) first.focus();
