# Makes hard.csv and the hard_*.csv values beside this file: models that are hard to read or to fit.
# R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, emmeans 1.8.4, pbkrtest 0.5.2, clubSandwich 0.5.8.
# Run in this folder: Rscript fit_hard.R
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(pbkrtest); library(clubSandwich); library(splines)})
emm_options(lmerTest.limit = 1e5, pbkrtest.limit = 1e5, lmer.df = "satterthwaite")
options(digits = 15)
groups <- c("HC", "ASD", "SCZ"); odd <- c("T.x (n=3)", "a: [b]", "other 'z' + 1")

# 30 persons in 15 dyads, up to 12 segments each, a third of them lost, six confederates that cross.
set.seed(31)
d <- expand.grid(segment = 1:12, person = 1:30)
d$dyad <- (d$person - 1) %/% 2 + 1
d$group <- groups[(d$dyad - 1) %% 3 + 1]; d$dx <- odd[(d$dyad - 1) %% 3 + 1]
d$role <- ifelse(d$person %% 2 == 1, "target", "partner")
d$session <- (d$segment - 1) %/% 6 + 1
n <- nrow(d)
d$emotion <- sample(c("joy", "anger"), n, TRUE); d$confederate <- sample(1:6, n, TRUE)
d$x <- round(rnorm(n), 6); d$z <- round(rnorm(n), 6)
d$age <- round(rnorm(30, 35, 8), 1)[d$person]; d$sex <- sample(0:1, 30, TRUE)[d$person]
a <- rnorm(30); b <- rnorm(30, sd = 0.4); k <- rnorm(6, sd = 0.5); s <- matrix(rnorm(60, sd = 0.3), 30)
d$y <- round(a[d$person] + s[cbind(d$person, d$session)] + k[d$confederate] + (0.5 + b[d$person]) * d$x + 0.3 * (d$group == "SCZ") + rnorm(n), 6)
d <- d[sort(sample(n, 240)), ]
# No spread between persons, and none of their slopes.
d$flat <- round(0.4 * d$x + rnorm(240), 6)
d$year <- 2020 + d$segment; d$range <- d$x; d$milli <- d$y * 1000 + 1e6; d$positive <- exp(d$y / 3); d$far <- d$x + 100
write.csv(d, "hard.csv", row.names = FALSE)
d <- read.csv("hard.csv"); d$group <- factor(d$group, levels = groups); d$dx <- factor(d$dx, levels = odd)
d$role <- factor(d$role, levels = c("target", "partner")); d$emotion <- factor(d$emotion, levels = c("joy", "anger"))

models <- c(
  slopes_at_two_levels = "y ~ group * x + (1 + x | person) + (1 + x | person:session)",
  slope_and_session = "y ~ group * x + age + (1 + x | person) + (1 | person:session)",
  slopes_both_crossed = "y ~ group * x + (1 + x | person) + (1 + x | confederate)",
  crossed_and_nested = "y ~ group * x + (1 | dyad/person) + (1 | confederate)",
  two_slopes = "y ~ group + x + z + (1 + x + z | person)",
  double_bar = "y ~ group * x + (1 + emotion + x || person)",
  category_slope = "y ~ group * emotion + (1 + emotion | person)",
  heterogeneous_roles = "y ~ role * x + (0 + role | dyad)",
  no_intercept = "y ~ 0 + group + group:x + (1 + x | person)",
  minus_one = "y ~ group + x - 1 + (x - 1 | person) + (1 | person)",
  late_main_effect = "y ~ x + age + group:x + group + (1 | person)",
  squared = "y ~ (group + x + emotion)^2 + (1 | person)",
  three_way_less = "y ~ (x + group + emotion)^3 - x:group:emotion + (1 | person)",
  numeric_codes = "y ~ sex * session * x + (1 | person)",
  odd_levels = "y ~ dx * x + emotion + (1 + x | person)",
  named_like_a_function = "y ~ group * range + (1 + range | person)",
  polynomial = "y ~ group * poly(x, 2) + (1 | person)",
  spline = "y ~ group + bs(x, df = 4) + (1 | person)",
  natural_spline = "y ~ group + ns(x, df = 3) + (1 | person)",
  scaled = "y ~ group * scale(age) + scale(x) + (1 + scale(x) | person)",
  transformed = "log(positive) ~ group * x + sqrt(age) + exp(x/3) + (1 | person)",
  large_units = "milli ~ group * x + (1 + x | person)",
  far_from_zero = "y ~ group * far + (1 + far | person)",
  calendar = "y ~ group + year + (1 + year | person)",
  flat_slope = "flat ~ group * x + (1 + x | person)",
  flat_nested = "flat ~ group * x + (1 | dyad) + (1 + x | dyad:person) + (1 | person:session)",
  flat_crossed = "flat ~ group * x + (1 + x | person) + (1 + x | confederate)")
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 2e5), check.conv.grad = "ignore")
effects <- tests <- contrasts <- NULL
for (n in names(models)) {
  fit <- function(f) suppressMessages(suppressWarnings(f(as.formula(models[[n]]), data = d, REML = TRUE, control = control)))
  f <- fit(lmerTest::lmer); plain <- fit(lme4::lmer)
  s <- coef(summary(f, ddf = "Satterthwaite")); kr <- coef(summary(f, ddf = "Kenward-Roger"))
  o <- data.frame(model = n, term = rownames(s), est = s[, 1], se = s[, 2], df = s[, 3], seKR = kr[, 2], dfKR = kr[, 3], seCR2 = NA, dfCR2 = NA, deviance = REMLcrit(f), singular = isSingular(f))
  if (!grepl("confederate", models[[n]])) {
    r <- coef_test(plain, vcov = vcovCR(plain, cluster = d$dyad, type = "CR2"), test = "Satterthwaite")
    o$seCR2 <- r$SE; o$dfCR2 <- r$df_Satt
  }
  effects <- rbind(effects, o)
  a <- as.data.frame(anova(f, type = 3, ddf = "Satterthwaite")); k <- as.data.frame(anova(f, type = 3, ddf = "Kenward-Roger"))
  tests <- rbind(tests, data.frame(model = n, term = rownames(a), num = a$NumDF, den = a$DenDF, F = a[["F value"]], denKR = k$DenDF, FKR = k[["F value"]]))
}
ask <- function(name, result) contrasts <<- rbind(contrasts, data.frame(question = name, contrast = as.character(result$contrast), est = result$estimate, se = result$SE, df = result$df, p = result$p.value))
of <- function(n) suppressMessages(suppressWarnings(lmerTest::lmer(as.formula(models[[n]]), data = d, control = control)))
pairs_of <- function(grid, adjust) as.data.frame(contrast(grid, "pairwise", adjust = adjust))
f <- of("slope_and_session")
ask("slopes", pairs_of(emtrends(f, ~group, var = "x", data = d), "holm"))
ask("slopes_tukey", pairs_of(emtrends(f, ~group, var = "x", data = d), "tukey"))
ask("means_at_one", pairs_of(emmeans(f, ~group, at = list(x = 1), data = d), "BH"))
f <- of("squared")
ask("means_over_emotions", pairs_of(emmeans(f, ~group, data = d), "none"))
ask("cells", pairs_of(emmeans(f, ~ group * emotion, data = d), "holm"))
f <- of("numeric_codes")
ask("two_valued_numbers", pairs_of(emmeans(f, ~session, data = d), "none"))
f <- of("polynomial"); ask("polynomial_means", pairs_of(emmeans(f, ~group, data = d), "none"))
f <- of("odd_levels"); ask("reference", as.data.frame(contrast(emtrends(f, ~dx, var = "x", data = d), "trt.vs.ctrl1", adjust = "none")))
f <- suppressMessages(lmerTest::lmer(y ~ group + emotion + x + (1 | person), data = d, control = control)); v <- VarCorr(f)$person[1]
shares <- c(v, sigma(f)^2, var(as.vector(model.matrix(f) %*% fixef(f))))
write.csv(format(effects, digits = 15), "hard_effects.csv", row.names = FALSE)
write.csv(format(tests, digits = 15), "hard_tests.csv", row.names = FALSE)
write.csv(format(contrasts, digits = 15), "hard_contrasts.csv", row.names = FALSE)
# Nakagawa's R squared of y ~ group + emotion + x + (1 | person): explained by fixed, by fixed and random effects.
write.csv(format(data.frame(marginal = shares[3] / sum(shares), conditional = (shares[3] + v) / sum(shares)), digits = 15), "hard_r_squared.csv", row.names = FALSE)

# Two valleys: the spread of slopes between persons can be put down to dyads or to persons. Full likelihood;
# the best of three optimisers.
valleys <- read.csv("valleys.csv")
best <- min(sapply(c("bobyqa", "Nelder_Mead", "nloptwrap"), function(o) suppressMessages(suppressWarnings(
  deviance(lme4::lmer(y ~ x + (1 + x | dyad/person), valleys, REML = FALSE, control = lmerControl(optimizer = o)))))))
write.csv(format(data.frame(deviance = best), digits = 15), "hard_valleys.csv", row.names = FALSE)
