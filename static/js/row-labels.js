// Gives each cell of a list the name of its column, which a narrow screen displays beside it.

export function init(element) {
  const names = [...element.querySelectorAll("#result_list thead th")].map((head) =>
    (head.querySelector(".text") ?? head).textContent.trim(),
  );
  for (const row of element.querySelectorAll("#result_list tbody tr")) {
    [...row.cells].forEach((cell, column) => {
      if (names[column]) cell.dataset.label = names[column];
    });
  }
}
