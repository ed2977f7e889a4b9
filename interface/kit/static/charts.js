/* Draws <figure data-chart='{"weeks": […], "series": […]}'>; the table under it says the same. */
"use strict";
document.querySelectorAll("[data-chart]").forEach(function (place) {
  const told = JSON.parse(place.dataset.chart);
  const chart = echarts.init(place, null, { renderer: "svg" });
  chart.setOption({
    aria: { enabled: true, decal: { show: true } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    legend: { top: 0 },
    grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
    color: ["#0b5cad", "#7a5ea8", "#b7791f", "#1f7a4d"],
    xAxis: { type: "category", data: told.weeks },
    yAxis: { type: "value", minInterval: 1 },
    series: told.series.map(function (one) { return { name: one.name, type: "line", data: one.data, symbolSize: 7 }; })
  });
  window.addEventListener("resize", function () { chart.resize(); });
});
