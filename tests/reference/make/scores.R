# Scores with other links: R's own glm on the drawn job training records, with and without weights, converged to machine precision.
source("tests/reference/make/common.R")

d <- drawn("training")
d$w <- 1 + (seq_len(nrow(d)) %% 5) / 4
f <- treat ~ age + educ + race + married + nodegree + re74 + re75
tight <- glm.control(epsilon = 1e-14, maxit = 500)
found <- list()
for (link in c("probit", "cloglog", "cauchit")) {
  found[[link]] <- unname(fitted(glm(f, binomial(link), d, control = tight)))
  found[[paste0(link, "_weighted")]] <- suppressWarnings(unname(fitted(glm(f, binomial(link), d, weights = w, control = tight))))
}
save_numbers(list(scores = found), "matching", "stats", file = "scores.json")
