# Interrupted series: nlme, sandwich, prais, MASS and base R's glm and arima on the drawn ban, belts and donors.
source("tests/reference/make/common.R")
suppressMessages({library(nlme); library(sandwich); library(prais)})

estimates <- function(coef, covariance) {
  error <- sqrt(diag(covariance))
  lapply(setNames(names(coef), names(coef)), function(n) list(est = unname(coef[n]), se = unname(error[n])))
}
everything <- function(formula, data) {
  n <- nrow(data)
  ols <- lm(formula, data)
  found <- list()
  for (lag in c(1, 3)) for (adjust in c(FALSE, TRUE)) {
    key <- paste0("NW_lag", lag, if (adjust) "_adj" else "_noadj")
    found[[key]] <- estimates(coef(ols), NeweyWest(ols, lag = lag, prewhite = FALSE, adjust = adjust))
  }
  for (method in c("REML", "ML")) {
    fit <- gls(formula, data, correlation = corAR1(form = ~1), method = method, control = glsControl(tolerance = 1e-10, msTol = 1e-12))
    found[[paste0("gls_", method)]] <- list(
      coef = estimates(coef(fit), vcov(fit)), phi = unname(coef(fit$modelStruct$corStruct, unconstrained = FALSE)))
  }
  data$idx <- seq_len(n)
  capture.output(fit <- prais_winsten(formula, data = data, index = "idx"))
  made <- summary(fit)$coefficients
  found$prais <- list(coef = lapply(setNames(seq_along(coef(ols)), names(coef(ols))), function(i) list(est = made[i, 1], se = made[i, 2])),
                      rho = tail(c(fit$rho), 1))
  x <- model.matrix(formula, data)[, -1, drop = FALSE]
  # its search is asked to go on: by default it stops where the third digit of the effect still moves
  fit <- arima(ols$model[[1]], order = c(1, 0, 0), xreg = x, method = "ML", optim.control = list(reltol = 1e-14, maxit = 1000))
  found$arima100_ML <- list(coef = estimates(coef(fit), vcov(fit)))
  found
}

ban <- drawn("ban")
ban$rate <- log(ban$aces / ban$stdpop)
ban$later <- pmax(0, ban$time - 36)
for (k in 1:2) { ban[[paste0("s", k)]] <- sin(2 * pi * k * ban$month / 12); ban[[paste0("c", k)]] <- cos(2 * pi * k * ban$month / 12) }
belts <- drawn("belts")
belts$log <- log(belts$drivers)
belts$later <- pmax(0, belts$time - 169)
out <- list(
  sicily_gaussian_lograte = list(step = everything(rate ~ time + smokban, ban), stepslope = everything(rate ~ time + smokban + later, ban)),
  seatbelts = list(step = everything(log ~ time + law, belts), stepslope = everything(log ~ time + law + later, belts),
                   step_monthdummies = everything(log ~ time + law + factor(month), belts)))

tight <- glm.control(epsilon = 1e-13, maxit = 100)
counts <- list(
  m2_quasi = aces ~ offset(log(stdpop)) + smokban + time,
  m3_quasi_harm2 = aces ~ offset(log(stdpop)) + smokban + time + s1 + c1 + s2 + c2,
  m4_quasi_harm2_slope = aces ~ offset(log(stdpop)) + smokban + time + I(time - 36):smokban + s1 + c1 + s2 + c2)
out$sicily <- lapply(counts, function(f) { m <- glm(f, quasipoisson, ban, control = tight); list(coef = estimates(coef(m), vcov(m)), dispersion = summary(m)$dispersion) })
m3 <- glm(counts$m3_quasi_harm2, quasipoisson, ban, control = tight)
out$sicily$m3_counterfactual <- list(averted = sum(predict(m3, transform(ban, smokban = 0), type = "response") - predict(m3, type = "response")))
nb <- MASS::glm.nb(counts$m3_quasi_harm2, data = ban, control = glm.control(epsilon = 1e-10, maxit = 200))
out$sicily$nb_harm2 <- list(coef = estimates(coef(nb), vcov(nb)), theta = nb$theta)

packs <- subset(drawn("donors"), state == "S03")
packs <- packs[order(packs$year), ]
packs$t <- packs$year - 1970; packs$x <- as.numeric(packs$year >= 1989); packs$xt <- packs$x * (packs$year - 1989)
l <- lm(packs ~ t + x + xt, packs)
v <- NeweyWest(l, lag = 1, prewhite = FALSE, adjust = TRUE)
after <- c(0, 1, 0, 1)
out$prop99_itsa_single <- list(coef = estimates(coef(l), v), posttrend = list(est = sum(after * coef(l)), se = sqrt(drop(t(after) %*% v %*% after))))
two <- drawn("nations")
long <- rbind(data.frame(year = two$year, y = two$north, north = 1), data.frame(year = two$year, y = two$south, north = 0))
long$t <- long$year - 1999; long$post <- as.numeric(long$t >= 0); long$later <- pmax(0, long$t)
named <- function(fit, terms) setNames(estimates(coef(fit), vcov(fit))[terms], c("level", "slope"))
out$nations <- list(alone = named(lm(y ~ t + post + later, subset(long, north == 1)), c("post", "later")),
                    beside = named(lm(y ~ north * (t + post + later), long), c("north:post", "north:later")))
save_numbers(out, "its", "nlme", "sandwich", "prais", "MASS")
