# Regression discontinuity: rdrobust, RDHonest, rddensity and rdlocrand on the drawn cut-off.
source("tests/reference/make/common.R")
suppressMessages({library(rdrobust); library(RDHonest); library(rddensity); library(rdlocrand)})

d <- drawn("cutoff")
Z <- as.matrix(d[c("z1", "z2")])
robust <- function(...) {
  f <- suppressWarnings(rdrobust(d$y, ...))
  list(conventional = f$coef[1], corrected = f$coef[2], se_conventional = f$se[1], se_robust = f$se[3], low = f$ci[3, 1], high = f$ci[3, 2], p = f$pv[3],
    h = as.numeric(f$bws[1, ]), b = as.numeric(f$bws[2, ]), n_h = f$N_h, n_b = f$N_b, m = f$M)
}
x <- d$score
out <- list(robust = list(
  plain = robust(x), uniform = robust(x, kernel = "uni"), epanechnikov = robust(x, kernel = "epa"), two = robust(x, bwselect = "msetwo"),
  coverage = robust(x, bwselect = "cerrd"), fixed = robust(x, h = 0.3, b = 0.45), covariates = robust(x, covs = Z), clusters = robust(x, cluster = d$cluster, vce = "cr1"),
  clusters_two = robust(x, cluster = d$cluster, vce = "cr1", bwselect = "msetwo", kernel = "uni"), both = robust(x, covs = Z, cluster = d$cluster, vce = "cr1"),
  steps = robust(d$steps), steps_covariates = robust(d$steps, covs = Z, kernel = "epa"), steps_clusters = robust(d$steps, cluster = d$cluster, vce = "cr1"), twenty = robust(d$twenty), fuzzy = robust(x, fuzzy = d$taken),
  fuzzy_covariates = robust(x, fuzzy = d$taken, covs = Z), fuzzy_clusters = robust(x, fuzzy = d$taken, cluster = d$cluster, vce = "cr1"), fuzzy_steps = robust(d$steps, fuzzy = d$taken),
  fuzzy_sharp_bandwidth = robust(x, fuzzy = d$taken, sharpbw = TRUE)))
honest <- function(formula, ...) {
  r <- suppressMessages(do.call(RDHonest, list(formula, data = d, ...)))$coefficients
  list(estimate = r$estimate, se = r$std.error, bias = r$maximum.bias, low = r$conf.low, high = r$conf.high, h = r$bandwidth, m = r$M, cv = r$cv, effective = r$eff.obs, leverage = r$leverage, p = r$p.value)
}
out$honest <- list(plain = honest(y ~ score), declared = honest(y ~ score, M = 2), fixed = honest(y ~ score, M = 2, h = 0.3), uniform = honest(y ~ score, M = 2, kern = "uniform"),
  epanechnikov = honest(y ~ score, M = 2, kern = "epanechnikov"), steps = honest(y ~ steps), steps_fixed = honest(y ~ steps, M = 2, h = 0.3), twenty = honest(y ~ twenty), twenty_fixed = honest(y ~ twenty, M = 1, h = 0.55),
  clusters = honest(y ~ score, M = 2, h = 0.3, se.method = "EHW", clusterid = d$cluster),
  clusters_auto = honest(y ~ score, M = 2, se.method = "EHW", clusterid = d$cluster))
out$critical <- list(b = c(0, 0.1, 0.5, 1, 2, 5), cv = CVb(c(0, 0.1, 0.5, 1, 2, 5), alpha = 0.05))
density <- function(x, ...) {
  f <- rddensity(x, ...)
  list(t = f$test$t_jk, p = f$test$p_jk, h = c(f$h$left, f$h$right), left = f$hat$left, right = f$hat$right, se_left = f$sd_jk$left, se_right = f$sd_jk$right)
}
out$density <- list(plain = density(x), steps = density(d$steps), fixed = density(x, h = c(0.3, 0.4)), uniform = density(x, kernel = "uniform"))
local <- function(w, ...) {
  capture.output(f <- rdrandinf(d$y, x, wl = -w, wr = w, reps = 2000, seed = 4, quietly = TRUE, ...))
  list(statistic = f$obs.stat, p = f$p.value, normal = f$asy.pvalue, n = unname(f$sumstats[2, ]))
}
out$local <- list(narrow = local(0.1), wide = local(0.2))
windows <- function(running, X, n = 40, ...) {
  capture.output(f <- suppressWarnings(rdwinselect(running, X, nwindows = n, quietly = TRUE, ...)))
  r <- f$results
  list(p = r[, 1], n = unname(r[, 4:5]), width = unname(r[, 7]), window = c(f$w_left, f$w_right))
}
V <- as.matrix(d[c("z1", "z2", "taken")])
out$windows <- list(smooth = windows(x, Z, approx = TRUE), steps = windows(d$steps, Z, n = 12, approx = TRUE),
  one = windows(x, d$z1, n = 20, approx = TRUE), taken = windows(x, V, n = 10, approx = TRUE),
  permuted = windows(x, Z, n = 20, reps = 2000, seed = 4))
save_numbers(out, "rdd", "rdrobust", "RDHonest", "rddensity", "rdlocrand")
