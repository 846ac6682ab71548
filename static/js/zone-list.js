// The zone list keeps count, and a LADA of two states is ticked in both.

export function init(form) {
  const groups = [...form.querySelectorAll("[data-zones] details")];

  function draw(group) {
    const whole = group.querySelector('input[name="states"]');
    const ladas = [...group.querySelectorAll('input[name="ladas"]')];
    for (const lada of ladas) lada.disabled = whole.checked;
    const chosen = whole.checked ? ladas.length : ladas.filter((lada) => lada.checked).length;
    group.querySelector("[data-count]").textContent = `${chosen} de ${ladas.length}`;
  }

  form.addEventListener("change", (event) => {
    const { name, value, checked } = event.target;
    if (name !== "states" && name !== "ladas") return;
    if (name === "ladas") {
      for (const twin of form.querySelectorAll(`input[name="ladas"][value="${value}"]`)) {
        twin.checked = checked;
      }
    }
    if (checked) form.querySelector('input[name="scope"][value="zones"]').checked = true;
    groups.forEach(draw);
  });
  groups.forEach(draw);
}
