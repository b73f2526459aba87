# Qualitative comparative analysis: QCA on the drawn cases, fuzzy, crisp and the outcome's absence; calibration; necessity.
source("tests/reference/make/common.R")
suppressMessages({library(admisc); library(QCA)})

d <- drawn("cases")
rownames(d) <- d$case
crisp <- d
crisp[c("A", "B", "C", "D", "E", "Y")] <- as.integer(d[c("A", "B", "C", "D", "E", "Y")] > 0.5)
raw <- list(fuzzy = d, crisp = crisp)
assumed <- function(m) lapply(m$SA, function(s) I(as.integer(rownames(s))))
fits <- function(m) {
  ic <- m$IC
  part <- function(p) list(`incl.cov` = lapply(seq_len(nrow(p$incl.cov)), function(i) list(
    term = rownames(p$incl.cov)[i], inclS = p$incl.cov$inclS[i], PRI = p$incl.cov$PRI[i], covS = p$incl.cov$covS[i],
    covU = if ("covU" %in% names(p$incl.cov)) p$incl.cov$covU[i] else NA)),
    sol = list(as.list(unlist(p$sol.incl.cov[1, c("inclS", "PRI", "covS")]))))
  if (!is.null(ic$individual)) lapply(ic$individual, part) else list(part(ic))
}
analysis <- function(data, outcome, conditions, incl, n = 1, pri = 0, expected = NULL) {
  x <- raw[[data]]
  tt <- truthTable(x, outcome = outcome, conditions = conditions, incl.cut = incl, n.cut = n, pri.cut = pri, complete = TRUE, show.cases = TRUE)
  number <- function(v) suppressWarnings(as.numeric(v))
  found <- list(data = data, options = list(outcome = outcome, conditions = conditions, incl.cut = incl, n.cut = n, pri.cut = pri),
    rows = lapply(seq_len(nrow(tt$tt)), function(i) list(OUT = as.character(tt$tt$OUT[i]), n = tt$tt$n[i], incl = number(tt$tt$incl[i]), PRI = number(tt$tt$PRI[i]), cases = as.character(tt$tt$cases[i]))))
  for (s in c("conservative", "parsimonious")) {
    m <- if (s == "conservative") minimize(tt, details = TRUE) else minimize(tt, include = "?", details = TRUE)
    found[[s]] <- list(solutions = lapply(m$solution, I), primes = I(rownames(m$PIchart)), IC = fits(m), SA_rows = assumed(m))
  }
  if (!is.null(expected)) {
    m <- minimize(tt, include = "?", dir.exp = paste(expected, collapse = ","), details = TRUE)
    found$expected <- expected
    found$intermediate <- lapply(m$i.sol, function(s) list(c.sol = I(unlist(s$c.sol)), p.sol = I(unlist(s$p.sol)), solution = lapply(s$solution, I)))
  }
  both <- tryCatch(findRows(obj = tt, type = 2), error = function(e) integer())
  found$contradictory <- I(as.integer(setdiff(both, 0)))
  found
}
five <- LETTERS[1:5]
out <- list(analyses = list(
  fuzzy = analysis("fuzzy", "Y", five, .8, expected = five), fuzzy_absence = analysis("fuzzy", "~Y", five, .8, expected = paste0("~", five)),
  fuzzy_two_cases = analysis("fuzzy", "Y", five, .8, n = 2), fuzzy_pri = analysis("fuzzy", "Y", five, .75, pri = .7),
  fuzzy_some = analysis("fuzzy", "Y", five, .8, expected = c("A", "E")), fuzzy_four = analysis("fuzzy", "Y", five[c(1, 2, 3, 5)], .85, expected = five[c(1, 2, 3, 5)]),
  crisp = analysis("crisp", "Y", five, 1, expected = five), crisp_absence = analysis("crisp", "~Y", five, 1)))

member <- function(name) if (startsWith(name, "~")) 1 - d[[substring(name, 2)]] else d[[name]]
single <- function(name, outcome, relation) {
  p <- pof(member(name), member(outcome), relation = relation)$incl.cov
  c(list(expr = name, outcome = outcome, relation = relation), as.list(p[1, ]))
}
out$single <- list()
for (name in c(five, paste0("~", five))) for (outcome in c("Y", "~Y")) for (relation in c("necessity", "sufficiency"))
  out$single[[length(out$single) + 1]] <- single(name, outcome, relation)
s <- superSubset(d, outcome = "Y", conditions = five, incl.cut = .9, ron.cut = .5)$incl.cov
out$necessary <- lapply(seq_len(nrow(s)), function(i) list(term = rownames(s)[i], inclN = s$inclN[i], RoN = s$RoN[i], covN = s$covN[i]))
fuzzy <- function(x, ...) list(x = x, y = as.numeric(calibrate(x, ...)))
w <- d$wealth; t <- d$towns; r <- d$reading
out$calibration <- list(
  logistic = fuzzy(w, type = "fuzzy", thresholds = "e=400, c=550, i=900"), logistic_idm99 = fuzzy(w, type = "fuzzy", thresholds = "e=400, c=550, i=900", idm = .99),
  decreasing = fuzzy(r, type = "fuzzy", thresholds = "i=45, c=65, e=90"),
  linear = fuzzy(t, type = "fuzzy", thresholds = "e=25, c=50, i=65", logistic = FALSE),
  linear_below2_above05 = fuzzy(t, type = "fuzzy", thresholds = "e=25, c=50, i=65", logistic = FALSE, below = 2, above = .5),
  bell = fuzzy(r, type = "fuzzy", thresholds = "e1=40, c1=50, i1=60, i2=75, c2=85, e2=95", logistic = FALSE, below = 3, above = 3),
  ecdf = fuzzy(w, type = "fuzzy", thresholds = "e=400, c=550, i=900", logistic = FALSE, ecdf = TRUE),
  crisp1 = fuzzy(w, type = "crisp", thresholds = 550), crisp2 = fuzzy(w, type = "crisp", thresholds = c(550, 850)),
  indirect = fuzzy(w, method = "indirect", thresholds = "350, 500, 600, 850, 1000"), rank = fuzzy(as.integer(cut(w, c(0, 420, 550, 700, 1e4))), method = "TFR"))
save_numbers(out, "theory", "QCA", "admisc")
