--- The script inside a flame graph: zooming by a click.
local SCRIPT = [==[
(function () {
  "use strict";
  var left = %d, width = %d, char = %.2f, near = 1e-6;
  var frames = Array.prototype.slice.call(document.querySelectorAll("#calls .f")).map(function (g) {
    return {
      g: g, rect: g.querySelector("rect"), text: g.querySelector("text"),
      name: g.querySelector("title").textContent.split("\n")[0],
      x: +g.dataset.x, w: +g.dataset.w, d: +g.dataset.d
    };
  });
  function fitting(name, pixels) {
    var room = Math.floor((pixels - 6) / char), letters = Array.from(name);
    return room < 3 ? "" : letters.length <= room ? name : letters.slice(0, room - 1).join("") + "…";
  }
  function zoom(to) {
    frames.forEach(function (f) {
      var above = f.d < to.d && f.x <= to.x + near && f.x + f.w >= to.x + to.w - near;
      var within = f.d >= to.d && f.x >= to.x - near && f.x + f.w <= to.x + to.w + near;
      f.g.style.display = above || within ? "" : "none";
      f.g.classList.toggle("passed", above);
      var x = above ? 0 : (f.x - to.x) / to.w, w = above ? 1 : f.w / to.w;
      f.rect.setAttribute("x", left + x * width);
      f.rect.setAttribute("width", Math.max(w * width - 0.5, 0.1));
      f.text.setAttribute("x", left + x * width + 3);
      f.text.textContent = fitting(f.name, w * width);
    });
  }
  frames.forEach(function (f) {
    f.g.addEventListener("click", function () { zoom(f); });
  });
}());
]==]

---@param left number of the tree, in pixels
---@param width number of the tree
---@param char number width of a character
---@return string
return function(left, width, char)
  return SCRIPT:format(left, width, char)
end
