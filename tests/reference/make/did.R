# Group-time effects by did, and two-period effects by DRDID, on the drawn staggered panel and cross-sections.
source("tests/reference/make/common.R")
suppressMessages({library(did); library(DRDID)})

panel <- drawn("staggered")
bare <- function(x) { x <- unname(x); x[is.nan(x)] <- NA; x }
fitted_one <- function(data, x = 0, control = "never", estimator = "dr", base = "varying", early = 0, panel = TRUE, unbalanced = FALSE, weights = NULL, clusters = NULL) {
  suppressMessages(suppressWarnings(att_gt(
    yname = "y", tname = "year", idname = if (panel) "area" else NULL, gname = "start", xformla = if (x) ~lpop else ~1, data = data,
    control_group = if (control == "never") "nevertreated" else "notyettreated", est_method = estimator, base_period = base,
    anticipation = early, panel = panel, allow_unbalanced_panel = unbalanced, weightsname = weights, clustervars = clusters,
    bstrap = FALSE, cband = FALSE, print_details = FALSE)))
}
told <- function(fit) {
  aggregate <- function(type, ...) {
    a <- suppressWarnings(aggte(fit, type = type, na.rm = TRUE, bstrap = FALSE, cband = FALSE, ...))
    list(overall_att = a$overall.att, overall_se = a$overall.se, egt = if (type == "simple") NULL else I(a$egt),
         att = if (type == "simple") NULL else I(bare(a$att.egt)), se = if (type == "simple") NULL else I(bare(a$se.egt)))
  }
  list(attgt = list(group = fit$group, t = fit$t, att = bare(fit$att), se = bare(fit$se), W = bare(c(fit$W)), Wpval = bare(c(fit$Wpval))),
       agg = list(simple = aggregate("simple"), group = aggregate("group"), dynamic = aggregate("dynamic"),
                  calendar = aggregate("calendar"), dynamic_balance_e1 = aggregate("dynamic", balance_e = 1)))
}
runs <- list()
keep <- function(key, ...) runs[[paste0("drawn_", key)]] <<- tryCatch(told(fitted_one(...)), error = function(e) { cat(key, "not made:", conditionMessage(e), "\n"); NULL })
for (control in c("never", "nyt")) for (estimator in c("dr", "reg", "ipw")) for (x in 0:1) for (base in c("varying", "universal")) for (early in 0:1) {
  if (control == "never" && estimator != "dr" && early == 1 && base == "universal") next
  keep(paste(control, estimator, x, base, early, sep = "_"), panel, x, control, estimator, base, early)
}
for (estimator in c("dr", "reg")) for (x in 0:1) keep(paste("rcs_never", estimator, x, sep = "_"), panel[panel$kept == 1, ], x, "never", estimator, panel = FALSE)
for (x in 0:1) keep(paste("nonever_nyt_dr", x, sep = "_"), panel[panel$start > 0, ], x, "nyt")
keep("never_dr_0_clusterregion", panel, clusters = "region")
for (estimator in c("dr", "reg", "ipw")) keep(paste("weighted_never", estimator, 1, sep = "_"), panel, 1, "never", estimator, weights = "weight")
for (estimator in c("dr", "reg", "ipw")) for (x in 0:1) keep(paste("gapsrows_never", estimator, x, sep = "_"), panel[panel$kept == 1, ], x, "never", estimator, unbalanced = TRUE)
for (x in 0:1) keep(paste("gapsdrop_never_dr", x, sep = "_"), panel[panel$kept == 1, ], x)

set.seed(1)
boot <- suppressWarnings(aggte(att_gt(yname = "y", tname = "year", idname = "area", gname = "start", data = panel, bstrap = TRUE, cband = TRUE, biters = 25000),
                               type = "dynamic", bstrap = TRUE, cband = TRUE, biters = 25000))

rc <- drawn("sections")
x <- as.matrix(cbind(1, rc[c("x1", "x2", "x3", "x4")]))
pair <- function(r) list(att = r$ATT, se = r$se)
sections <- list(
  improved = pair(drdid_imp_rc(rc$y, rc$post, rc$d, x, inffunc = FALSE)), dr = pair(drdid_rc(rc$y, rc$post, rc$d, x, inffunc = FALSE)),
  reg = pair(reg_did_rc(rc$y, rc$post, rc$d, x, inffunc = FALSE)), ipw = pair(std_ipw_did_rc(rc$y, rc$post, rc$d, x, inffunc = FALSE)),
  improved_weighted = pair(drdid_imp_rc(rc$y, rc$post, rc$d, x, i.weights = rc$weight, inffunc = FALSE)),
  dr_weighted = pair(drdid_rc(rc$y, rc$post, rc$d, x, i.weights = rc$weight, inffunc = FALSE)))
two <- panel[panel$year %in% c(2003, 2004) & panel$start %in% c(0, 2004), ]
two <- two[order(two$area, two$year), ]
y0 <- two$y[two$year == 2003]; y1 <- two$y[two$year == 2004]; first <- two[two$year == 2003, ]
z <- as.matrix(cbind(1, first$lpop)); g <- as.numeric(first$start > 0)
pairs <- list(improved = pair(drdid_imp_panel(y1, y0, g, z, inffunc = FALSE)), dr = pair(drdid_panel(y1, y0, g, z, inffunc = FALSE)),
              reg = pair(reg_did_panel(y1, y0, g, z, inffunc = FALSE)), ipw = pair(std_ipw_did_panel(y1, y0, g, z, inffunc = FALSE)),
              improved_weighted = pair(drdid_imp_panel(y1, y0, g, z, i.weights = first$weight, inffunc = FALSE)))

shops <- drawn("stores")
long <- na.omit(rbind(data.frame(y = shops$before, post = 0, law = shops$law), data.frame(y = shops$after, post = 1, law = shops$law)))
rows_fit <- lm(y ~ post * law, long)
both <- shops[complete.cases(shops), ]
t <- t.test(I(after - before) ~ I(1 - law), both)
save_numbers(list(configurations = runs, bootstrap_25000 = list(crit_dyn = boot$crit.val.egt), sections = sections, pairs = pairs,
  stores = list(rows = unname(coef(rows_fit)["post:law"]), pairs = unname(t$estimate[1] - t$estimate[2]), pairs_se = t$stderr,
                n_treated = sum(both$law), n_comparison = sum(1 - both$law))), "did", "did", "DRDID")
