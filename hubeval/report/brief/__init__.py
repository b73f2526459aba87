"""One A4 page for whoever decides, drawn from what was released: of an area, a portfolio, an evaluation or a plan."""
