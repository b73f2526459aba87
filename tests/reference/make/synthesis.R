# Random-effects means of studies: metafor, both ways of the variance between them, with what is said beside the mean.
source("tests/reference/make/common.R")
suppressMessages(library(metafor))

set.seed(20)
drawn_set <- function(k, spread, from, to) {
  se <- runif(k, from, to)
  list(effect = round(-2 + spread * rnorm(k) + se * rnorm(k), 4), error = round(se, 4))
}
sets <- list(three = drawn_set(3, 1, 0.5, 1.5), six = drawn_set(6, 2, 0.4, 3), ten = drawn_set(10, 0.8, 0.2, 2.5), many = drawn_set(25, 1.2, 0.3, 1),
  one_large = list(effect = c(-3.1, 0.4, -1.2, -2.6, 0.9), error = c(0.1, 1.4, 1.1, 1.8, 1.5)),
  alike = list(effect = c(-2, -2.1, -1.9, -2.05), error = c(0.5, 0.7, 0.6, 0.9)))
tight <- list(threshold = 1e-13, maxiter = 1000, tol = 1e-13)
one <- function(y, s, method) {
  f <- rma(y, sei = s, method = method, test = "knha", control = tight)
  ci <- confint(f, control = list(tol = 1e-13, tau2.max = 1e4))$random
  out <- leave1out(f)
  held <- rma(y, sei = s, method = method, test = "adhoc", control = tight)
  list(mean = as.numeric(f$beta), error = f$se, low = held$ci.lb, high = held$ci.ub, p = held$pval, held = held$se, tau2 = f$tau2, I2 = f$I2 / 100,
    tau_low = ci["tau", "ci.lb"], tau_high = ci["tau", "ci.ub"], I2_low = ci["I^2(%)", "ci.lb"] / 100, I2_high = ci["I^2(%)", "ci.ub"] / 100,
    q = f$QE, q_p = f$QEp, weights = unname(weights(f)) / 100, without = out$estimate)
}
out <- list(synthesis = lapply(sets, function(d) {
  fixed <- rma(d$effect, sei = d$error, method = "FE")
  c(d, list(common = as.numeric(fixed$beta), common_error = fixed$se, paule_mandel = one(d$effect, d$error, "PM"), reml = one(d$effect, d$error, "REML")))
}))
save_numbers(out, "synthesis", "metafor")
