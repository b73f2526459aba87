# Synthetic control and synthetic difference-in-differences: Synth, synthdid and augsynth on the drawn donors.
source("tests/reference/make/common.R")
suppressMessages({library(Synth); library(synthdid)})

d <- drawn("donors")
d$id <- as.numeric(factor(d$state))
eighties <- 1980:1988
prepared <- dataprep(
  foo = d, predictors = NULL, dependent = "packs", unit.variable = "id", time.variable = "year", unit.names.variable = "state",
  special.predictors = list(list("income", eighties, "mean"), list("price", eighties, "mean"), list("young", eighties, "mean"),
    list("beer", 1984:1988, "mean"), list("packs", 1975, "mean"), list("packs", 1980, "mean"), list("packs", 1988, "mean")),
  treatment.identifier = 3, controls.identifier = setdiff(1:39, 3), time.predictors.prior = eighties,
  time.optimize.ssr = 1970:1988, time.plot = 1970:2000)
set.seed(1)
capture.output(fit <- synth(prepared, quadopt = "ipop", Margin.ipop = 1e-6, Sigf.ipop = 8))
gap <- as.numeric(prepared$Y1plot - prepared$Y0plot %*% fit$solution.w)
names <- prepared$names.and.numbers
w <- setNames(as.numeric(fit$solution.w), names$unit.names[match(rownames(fit$solution.w), names$unit.numbers)])
out <- list(synth = list(weights = as.list(w), V = as.list(setNames(as.numeric(fit$solution.v), rownames(prepared$X1))),
  gaps = as.list(setNames(gap, 1970:2000)), att = mean(gap[20:31])))

st <- panel.matrices(d[c("state", "year", "packs", "treated")])
est <- synthdid_estimate(st$Y, st$N0, st$T0)
weights <- attr(est, "weights")
out$synthdid <- list(sdid = as.numeric(est), sc = as.numeric(sc_estimate(st$Y, st$N0, st$T0)), did = as.numeric(did_estimate(st$Y, st$N0, st$T0)),
  omega = as.list(setNames(as.numeric(weights$omega), rownames(st$Y)[1:st$N0])),
  lambda = as.list(setNames(as.numeric(weights$lambda), colnames(st$Y)[1:st$T0])), effect_curve = as.numeric(synthdid_effect_curve(est)))
set.seed(12345)
out$synthdid$se_placebo <- as.numeric(sqrt(vcov(est, method = "placebo")))
pk <- c("Synth", "synthdid")
if (requireNamespace("augsynth", quietly = TRUE)) {
  pk <- c(pk, "augsynth")
  for (kind in c("None", "Ridge")) {
    a <- augsynth::augsynth(packs ~ treated, state, year, d, progfunc = kind, scm = TRUE)
    att <- predict(a, att = TRUE)
    out$augsynth[[kind]] <- list(avg_att = mean(att[as.integer(names(att)) >= 1989]), att = unname(att), l2 = a$l2_imbalance,
      lambda = a$lambda, weights = as.list(setNames(as.numeric(a$weights), rownames(a$weights))))
  }
}
save_numbers(out, "synth", pk)
