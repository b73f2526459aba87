# Matching: MatchIt (with optmatch), sandwich, marginaleffects and Matching on the drawn job training records.
source("tests/reference/make/common.R")
suppressMessages({library(MatchIt); library(sandwich); library(marginaleffects)})

d <- drawn("training")
d$race <- factor(d$race, levels = c("black", "hispan", "white"))
f <- treat ~ age + educ + race + married + nodegree + re74 + re75
cells <- treat ~ race + married + nodegree
asked <- list(
  nearest = list(), nearest_smallest = list(m.order = "smallest"), nearest_closest = list(m.order = "closest"),
  nearest_data = list(m.order = "data"), nearest_replace = list(replace = TRUE), nearest_k2 = list(ratio = 2),
  nearest_k3_var = list(ratio = 2, min.controls = 1, max.controls = 4), nearest_cal02 = list(caliper = .2),
  nearest_cal02_logit = list(caliper = .2, link = "linear.logit"), nearest_cal01_replace = list(caliper = .1, replace = TRUE),
  nearest_exact = list(exact = ~married + nodegree), nearest_antiexact = list(antiexact = ~married),
  nearest_discard = list(discard = "both"), nearest_atc = list(estimand = "ATC", replace = TRUE),
  mahalanobis = list(distance = "mahalanobis"), mahalanobis_replace = list(distance = "mahalanobis", replace = TRUE),
  robust_mahalanobis = list(distance = "robust_mahalanobis"), scaled_euclidean = list(distance = "scaled_euclidean"),
  exact = list(method = "exact", formula = cells), exact_ate = list(method = "exact", formula = cells, estimand = "ATE"),
  cem = list(method = "cem"), cem_k2k = list(method = "cem", k2k = TRUE), cem_ate = list(method = "cem", estimand = "ATE"),
  subclass6 = list(method = "subclass", subclass = 6), subclass6_ate = list(method = "subclass", subclass = 6, estimand = "ATE"))
if (requireNamespace("optmatch", quietly = TRUE)) asked <- c(asked, list(
  optimal = list(method = "optimal"), optimal_k2 = list(method = "optimal", ratio = 2),
  optimal_mahalanobis = list(method = "optimal", distance = "mahalanobis"), full = list(method = "full"),
  full_ate = list(method = "full", estimand = "ATE"), full_cal02 = list(method = "full", caliper = .2),
  full_minmax = list(method = "full", min.controls = 1 / 4, max.controls = 4),
  full_mahalanobis = list(method = "full", distance = "mahalanobis")))

rows <- function(table) lapply(setNames(seq_len(nrow(table)), rownames(table)), function(i) unname(table[i, ]))
put <- function(fit, covariance) list(est = unname(coef(fit)["treat"]), se = sqrt(covariance["treat", "treat"]))
adjust <- "age + educ + race + married + nodegree + re74 + re75"

one <- function(spec) {
  formula <- if (is.null(spec$formula)) f else spec$formula
  spec$formula <- NULL
  if (is.null(spec$method)) spec$method <- "nearest"
  m <- suppressWarnings(do.call(matchit, c(list(formula, data = d), spec)))
  s <- summary(m, interactions = FALSE)
  md <- match_data(m, data = d)
  found <- list(estimand = m$estimand, weights = unname(m$weights), sample = rows(s$nn), balance_before = rows(s$sum.all),
                balance_after = rows(if (is.null(s$sum.matched)) s$sum.across else s$sum.matched))
  if (!is.null(m$subclass)) found$subclass <- ifelse(is.na(m$subclass), -1, as.integer(m$subclass) - 1)
  if (!is.null(m$match.matrix)) {
    mm <- m$match.matrix
    found$pairs <- lapply(seq_len(nrow(mm)), function(i) list(as.integer(rownames(mm)[i]) - 1, I(as.integer(na.omit(mm[i, ])) - 1)))
  }
  grouped <- !is.null(md$subclass)
  plain <- lm(re78 ~ treat, md, weights = weights)
  full <- lm(as.formula(paste("re78 ~ treat +", adjust)), md, weights = weights)
  e <- list(diff_hc3 = put(plain, vcovHC(plain, "HC3")), diff_hc1 = put(plain, vcovHC(plain, "HC1")), ancova_hc3 = put(full, vcovHC(full, "HC3")))
  if (grouped) {
    md$subclass <- factor(md$subclass)
    e$diff_clHC1 <- put(plain, vcovCL(plain, md$subclass, type = "HC1"))
    e$ancova_clHC1 <- put(full, vcovCL(full, md$subclass, type = "HC1"))
  }
  crossed <- lm(as.formula(paste("re78 ~ treat * (", adjust, ")")), md, weights = weights)
  focal <- if (m$estimand == "ATT") subset(md, treat == 1) else if (m$estimand == "ATC") subset(md, treat == 0) else md
  clustered <- grouped && !isTRUE(spec$replace)
  covariance <- if (clustered) vcovCL(crossed, md$subclass, type = "HC1") else vcovHC(crossed, "HC3")
  # the average is linear in the coefficients, so its gradient is taken exactly; marginaleffects takes it numerically
  x <- function(value) { fd <- focal; fd$treat <- value; model.matrix(delete.response(terms(crossed)), fd) }
  gradient <- drop(crossprod(x(1) - x(0), focal$weights)) / sum(focal$weights)
  g <- suppressWarnings(avg_comparisons(crossed, variables = "treat", vcov = FALSE, newdata = focal, wts = "weights"))
  e$gcomp <- list(est = g$estimate, se = sqrt(drop(gradient %*% covariance %*% gradient)), vcov = if (clustered) "~subclass" else "HC3")
  if (isTRUE(spec$replace) && !is.null(m$match.matrix)) {
    gm <- get_matches(m, data = d)
    fit <- lm(re78 ~ treat, gm, weights = weights)
    e$getmatches_cl_subclass_id <- put(fit, vcovCL(fit, gm[c("subclass", "id")], type = "HC1"))
  }
  found$effects <- e
  found
}
out <- list(configurations = list())
for (name in names(asked)) {
  set.seed(1)
  got <- tryCatch(one(asked[[name]]), error = function(err) { cat(name, "not made:", conditionMessage(err), "\n"); NULL })
  if (!is.null(got)) out$configurations[[name]] <- got
}
logit <- glm(f, data = d, family = binomial, control = glm.control(epsilon = 1e-14, maxit = 100))
out$score <- unname(fitted(logit))
packages <- c("MatchIt", "sandwich", "marginaleffects", if (requireNamespace("optmatch", quietly = TRUE)) "optmatch")
if (requireNamespace("Matching", quietly = TRUE)) {
  packages <- c(packages, "Matching")
  x <- model.matrix(f, d)[, -1]
  out$abadie_imbens <- list()
  for (est in c("ATT", "ATC")) for (m in c(1, 3)) for (space in c("ps", "mah", "inv")) for (kind in c(0, 2)) {
    by <- if (space == "ps") out$score else x
    r <- Matching::Match(Y = d$re78, Tr = d$treat, X = by, M = m, estimand = est, Var.calc = kind, Weight = if (space == "mah") 2 else 1)
    out$abadie_imbens[[paste(est, m, space, "nobc", paste0("vc", kind), sep = "_")]] <- list(est = c(r$est), se = c(r$se))
  }
}
save_numbers(out, "matching", packages)
