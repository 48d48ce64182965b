"use strict";
(function () {
  var filters = document.getElementById("filters");
  var fields = Array.from(filters.querySelectorAll("[data-filter]"));
  var lists = Array.from(document.querySelectorAll("[data-list]")).map(function (list) {
    var items = Array.from(list.children).filter(function (item) { return item.classList.contains("item"); });
    return { name: list.dataset.list, items: items, texts: null };
  });

  function fits(item, name, wanted) {
    var value = item.dataset[name];
    // What a list does not know is not filtered by.
    return value === undefined || value.split(" ").indexOf(wanted) >= 0;
  }

  function apply() {
    var wanted = fields.filter(function (field) { return field.value.trim() !== ""; });
    lists.forEach(function (list) {
      var shown = 0;
      list.items.forEach(function (item, index) {
        var visible = wanted.every(function (field) {
          if (field.dataset.filter !== "text") {
            return fits(item, field.dataset.filter, field.value);
          }
          // An account is a sum, in which no text of its parts is found.
          if (list.name === "accounts") {
            return true;
          }
          list.texts = list.texts || list.items.map(function (item) { return item.textContent.toLowerCase(); });
          return list.texts[index].indexOf(field.value.trim().toLowerCase()) >= 0;
        });
        item.hidden = !visible;
        shown += visible ? 1 : 0;
      });
      document.querySelectorAll("[data-of=" + list.name + "]").forEach(function (place) {
        place.textContent = wanted.length ? shown + " of " + list.items.length : "";
      });
    });
  }

  var waiting = 0;
  filters.addEventListener("input", function () {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  document.getElementById("clear").addEventListener("click", function () {
    fields.forEach(function (field) { field.value = ""; });
    apply();
  });

  // On paper nothing can be unfolded.
  var folded = [];
  window.addEventListener("beforeprint", function () {
    folded = Array.from(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (details) { details.open = true; });
  });
  window.addEventListener("afterprint", function () {
    folded.forEach(function (details) { details.open = false; });
  });
  filters.hidden = false;
})();
