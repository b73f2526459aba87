# Heterogeneous adoption: nprobust on the drawn doses, combined as de Chaisemartin, Ciccia, D'Haultfoeuille & Knau (2024) combine it.
source("tests/reference/make/common.R")
suppressMessages(library(nprobust))

d <- drawn("doses")
# where the sources of DIDHAD lie: its own inner function is asked, without its test of linearity, which needs another package
didhad <- Sys.getenv("DIDHAD_R", "")
source(file.path(didhad, "did_had_est.R"))
effect <- function(column, dose, kernel) {
  frame <- data.frame(y = d[[column]], D_XX = d[[dose]], group_XX = seq_len(nrow(d)))
  r <- suppressWarnings(did_had_est(frame, "y", "group_XX", "D_XX", 0.05, kernel, "mse-dpi", FALSE, FALSE, FALSE))
  list(estimate = r$beta_qs_XX, se = r$se_naive_XX, low = r$low_XX, high = r$up_XX, h = r$h_star, near = r$within_bw_XX,
    t = unname(r$np_qug_test[1]), p = unname(r$np_qug_test[2]))
}
out <- list(effects = list(plain = effect("change", "dose", "epa"), triangular = effect("change", "dose", "tri"),
  uniform = effect("change", "dose", "uni"), before = effect("before", "dose", "epa"), steps = effect("change", "steps", "epa"),
  few = effect("change", "zeros", "epa")))
save_numbers(out, "did", "nprobust", file = "adoption.json")
