# Regressions on panels: fixest, etwfe, didimputation, bacondecomp and pretrends on the drawn panels.
source("tests/reference/make/common.R")
suppressMessages({library(fixest); library(data.table)})
setFixest_nthreads(1); setFixest_notes(FALSE)
set <- function(fit, vc = vcov(fit)) list(coef = as.list(coef(fit)), se = as.list(se(fit, vcov = vc)), p = as.list(pvalue(fit, vcov = vc)))
ofcoef <- function(table) list(coef = as.list(setNames(table[, 1], rownames(table))), se = as.list(setNames(table[, 2], rownames(table))), p = as.list(setNames(table[, 4], rownames(table))))
tight <- function(...) feols(..., fixef.tol = 1e-11, fixef.iter = 1e5)
out <- list()

p <- drawn("staggered")
p$treated <- as.numeric(p$start > 0 & p$year >= p$start)
p$rel <- ifelse(p$start > 0, p$year - p$start, -1000)
p$cohort <- ifelse(p$start > 0, p$start, 10000)
p$jobs <- exp(p$y)
out$twfe_static <- set(tight(y ~ treated | area + year, p, cluster = ~area))
out$twfe_static_weighted <- set(tight(y ~ treated | area + year, p, cluster = ~area, weights = ~weight))
out$twfe_static_gaps <- set(tight(y ~ treated | area + year, p[p$kept == 1, ], cluster = ~area))
out$twfe_static_region <- set(tight(y ~ treated | area + year, p, cluster = ~region))
out$twfe_event <- set(tight(y ~ i(rel, ref = c(-1, -1000)) | area + year, p, cluster = ~area))
s <- tight(y ~ sunab(cohort, year) | area + year, p, cluster = ~area)
out$sunab <- ofcoef(summary(s)$coeftable)
out$sunab_att <- ofcoef(summary(s, agg = "att")$coeftable)
out$sunab_cohort <- ofcoef(summary(s, agg = "cohort")$coeftable)
out$sunab_weighted <- ofcoef(summary(tight(y ~ sunab(cohort, year) | area + year, p, cluster = ~area, weights = ~weight))$coeftable)
p$cell <- ifelse(p$start > 0 & p$year >= p$start, paste(p$start, p$year, sep = "_"), "0")
out$etwfe <- set(tight(y ~ i(cell, ref = "0") | start + year, p, cluster = ~area))
out$etwfe_units <- set(tight(y ~ i(cell, ref = "0") | area + year, p, cluster = ~area))
out$etwfe_units_gaps <- set(tight(y ~ i(cell, ref = "0") | area + year, p[p$kept == 1, ], cluster = ~area))
if (requireNamespace("etwfe", quietly = TRUE)) {
  e <- etwfe::etwfe(y ~ 1, tvar = year, gvar = start, data = p, vcov = ~area, cgroup = "notyet")
  a <- etwfe::emfx(e, type = "simple")
  out$etwfe$att <- a$estimate; out$etwfe$att_se <- a$std.error
}
out$etwfe_poisson <- set(fepois(jobs ~ i(cell, ref = "0") | start + year, p, cluster = ~area, glm.tol = 1e-12, fixef.tol = 1e-11))

b <- drawn("cohorts")
s <- tight(y ~ x1 + sunab(start, year) | id + year, b, vcov = "iid")
out$sunab_covariate <- ofcoef(summary(s)$coeftable)
out$sunab_covariate_att <- ofcoef(summary(s, agg = "att")$coeftable)
out$sunab_covariate_clustered <- ofcoef(summary(tight(y ~ x1 + sunab(start, year) | id + year, b, cluster = ~id))$coeftable)

l <- drawn("laws")
out$laws <- set(tight(y ~ post | state + year, l, cluster = ~state))
pk <- c("fixest", "etwfe")
if (requireNamespace("bacondecomp", quietly = TRUE)) {
  pk <- c(pk, "bacondecomp")
  parts <- function(d, f, id) { t <- suppressMessages(bacondecomp::bacon(f, data = d, id_var = id, time_var = "year", quietly = TRUE)); t$untreated[is.infinite(t$untreated)] <- 99999; list(table = as.list(t), wavg = sum(t$estimate * t$weight)) }
  out$bacon_laws <- parts(l, y ~ post, "state")
  by <- split(as.data.frame(out$bacon_laws$table), out$bacon_laws$table$type)
  out$bacon_laws$bytype2 <- lapply(by, function(t) list(weight = sum(t$weight), est = sum(t$weight * t$estimate) / sum(t$weight)))
  out$bacon_staggered <- parts(p, y ~ treated, "area")
}
if (requireNamespace("didimputation", quietly = TRUE)) {
  pk <- c(pk, "didimputation")
  dd <- as.data.table(p[p$start != 2004, ])
  one <- function(...) { r <- as.data.frame(didimputation::did_imputation(...)); list(term = as.character(r$term), estimate = r$estimate, std.error = r$std.error) }
  out$imputation <- one(dd, yname = "y", gname = "start", tname = "year", idname = "area")
  out$imputation_weighted <- one(dd, yname = "y", gname = "start", tname = "year", idname = "area", wname = "weight")
  h <- as.data.table(drawn("clustered"))
  out$imputation_clustered <- one(h, yname = "y", gname = "start", tname = "year", idname = "unit", cluster_var = "state")
  out$imputation_clustered_event <- one(h, yname = "y", gname = "start", tname = "year", idname = "unit", cluster_var = "state", horizon = TRUE)
}
if (requireNamespace("pretrends", quietly = TRUE)) {
  pk <- c(pk, "pretrends")
  h <- drawn("clustered")
  h <- h[h$start %in% c(0, 2006) & h$year >= 2001 & h$year <= 2010, ]
  h$rel <- ifelse(h$start > 0, h$year - h$start, -1000)
  e <- tight(y ~ i(rel, ref = c(-1, -1000)) | unit + year, h, cluster = ~state)
  at <- as.integer(sub("rel::", "", names(coef(e))))
  sigma <- unclass(vcov(e)); attributes(sigma) <- list(dim = dim(sigma))
  slopes <- sapply(c(.5, .8), function(power) pretrends::slope_for_power(sigma = sigma, targetPower = power, tVec = at, referencePeriod = -1))
  k <- pretrends::pretrends(betahat = unname(coef(e)), sigma = sigma, tVec = at, referencePeriod = -1, deltatrue = slopes[1] * (at + 1))
  out$pretrends <- list(event_time = at, estimate = unname(coef(e)), covariance = sigma, slope50 = slopes[1], slope80 = slopes[2],
                        df_power = as.list(k$df_power), df = as.list(k$df_eventplot))
}
save_numbers(out, "did", pk[sapply(pk, requireNamespace, quietly = TRUE)], file = "drawn_regressions.json")
