# Makes the more_*.csv values beside this file from the data beside this file.
# R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, emmeans 1.8.4, pbkrtest 0.5.2, clubSandwich 0.5.8.
# Run in this folder: Rscript fit_more.R
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(pbkrtest); library(clubSandwich)})
emm_options(lmerTest.limit = 1e5, pbkrtest.limit = 1e5, lmer.df = "satterthwaite")
options(digits = 15)
groups <- c("HC", "ASD", "SCZ")
typed <- function(d) {
  for (v in intersect(c("group", "dx"), names(d))) d[[v]] <- factor(d[[v]], levels = groups)
  if ("role" %in% names(d)) d$role <- factor(d$role, levels = c("target", "partner"))
  if ("emotion" %in% names(d)) d$emotion <- factor(d$emotion, levels = c("joy", "anger", "sadness", "surprise"))
  for (v in intersect(c("session", "segment"), names(d))) d[[v]] <- factor(d[[v]])
  d
}
sim <- typed(read.csv(gzfile("sim.csv.gz"))); t <- subset(sim, role == "target")
seg <- typed(read.csv(gzfile("seg.csv.gz"))); segd <- typed(read.csv(gzfile("segd.csv.gz")))
joy <- typed(read.csv(gzfile("joy.csv.gz"))); sleepstudy <- read.csv("sleepstudy.csv")

# Data with variances at the boundary: few persons, no true spread.
set.seed(20)
flat <- expand.grid(segment = 1:6, person = sprintf("p%02d", 1:24))
flat$group <- factor(groups[(as.integer(factor(flat$person)) - 1) %% 3 + 1], levels = groups)
flat$session <- ifelse(flat$segment <= 3, "a", "b")
flat$x <- rnorm(nrow(flat)); flat$y <- 0.4 * flat$x + rnorm(nrow(flat))
flat$z <- flat$y + rep(rnorm(24, sd = 1), each = 6)
flat <- flat[-c(3, 17, 40, 41, 90), ]
# Persons crossed with confederates, unbalanced.
set.seed(21)
crossed <- expand.grid(person = sprintf("p%03d", 1:60), confederate = sprintf("c%02d", 1:8))
crossed <- crossed[sample(nrow(crossed), 300), ]
crossed$group <- factor(groups[(as.integer(substr(crossed$person, 2, 4)) - 1) %% 3 + 1], levels = groups)
crossed$x <- rnorm(300)
a <- rnorm(60); b <- rnorm(60, sd = 0.4); k <- rnorm(8, sd = 0.7); kb <- rnorm(8, sd = 0.3)
i <- as.integer(substr(crossed$person, 2, 4)); j <- as.integer(substr(crossed$confederate, 2, 3))
crossed$y <- 0.5 * (crossed$group == "ASD") + a[i] + k[j] + (0.6 + b[i] + kb[j]) * crossed$x + rnorm(300)
crossed$sex <- as.integer(i %% 2)
write.csv(flat, "flat.csv", row.names = FALSE); write.csv(crossed, "crossed.csv", row.names = FALSE)
flat <- read.csv("flat.csv"); flat$group <- factor(flat$group, levels = groups)
crossed <- read.csv("crossed.csv"); crossed$group <- factor(crossed$group, levels = groups)

models <- list(
  singular_slope = list(f = y ~ group * x + (1 + x | person), d = flat),
  singular_correlation = list(f = z ~ group * x + (1 + x | person), d = flat),
  singular_nested = list(f = z ~ group * x + (1 | person/session), d = flat),
  crossed = list(f = y ~ group * x + sex + (1 | person) + (1 | confederate), d = crossed),
  crossed_slopes = list(f = y ~ group * x + sex + (1 + x | person) + (1 + x | confederate), d = crossed),
  uncorrelated = list(f = Reaction ~ Days + (Days || Subject), d = sleepstudy),
  quadratic = list(f = Reaction ~ Days + I(Days^2) + (Days | Subject), d = sleepstudy),
  actor_partner = list(f = y ~ group * role * x_wp + (0 + tgt + par + tx + px | dyad), d = joy),
  slopes_within_emotion = list(f = y ~ group * x_wp + emotion * session + (1 + x_wp | person) + (1 | person:emotion), d = t))
for (n in names(models)) {
  m <- models[[n]]
  f <- suppressMessages(suppressWarnings(lmerTest::lmer(m$f, data = m$d, REML = TRUE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5)))))
  s <- coef(summary(f, ddf = "Satterthwaite"))
  o <- data.frame(term = rownames(s), est = s[, 1], se = s[, 2], df = s[, 3])
  if (n != "slopes_within_emotion") { kr <- coef(summary(f, ddf = "Kenward-Roger")); o$seKR <- kr[, 2]; o$dfKR <- kr[, 3] }
  o$deviance <- REMLcrit(f); o$singular <- isSingular(f)
  write.csv(format(o, digits = 15), sprintf("more_%s_fix.csv", n), row.names = FALSE)
  write.csv(format(as.data.frame(VarCorr(f)), digits = 15), sprintf("more_%s_vc.csv", n), row.names = FALSE)
  write.csv(format(as.data.frame(anova(f, ddf = "Satterthwaite", type = 3)), digits = 15), sprintf("more_%s_anova.csv", n))
  models[[n]]$fit <- f
}
out <- function(x, name) write.csv(format(as.data.frame(x), digits = 15), sprintf("more_%s.csv", name), row.names = FALSE)

f <- models$crossed_slopes$fit
out(emmeans(f, ~group, data = crossed), "crossed_means")
out(contrast(emmeans(f, ~ group | sex, at = list(x = 0.5), data = crossed), "pairwise", adjust = "none"), "crossed_contrasts_by_sex")
out(emtrends(f, ~group, var = "x", data = crossed), "crossed_trends")
f <- models$actor_partner$fit
out(emtrends(f, ~ group * role, var = "x_wp", data = joy), "actor_partner_trends")
out(contrast(emtrends(f, ~ group | role, var = "x_wp", data = joy), "pairwise", adjust = "none"), "actor_partner_contrasts")
out(contrast(emtrends(f, ~group, var = "x_wp", data = joy), list(patients = c(1, -0.5, -0.5)), adjust = "none"), "actor_partner_custom")
f <- models$quadratic$fit
out(emmeans(f, ~Days, at = list(Days = c(0, 2, 8)), data = sleepstudy), "quadratic_means")

# Full likelihood, as for likelihood ratio tests.
f <- lmerTest::lmer(Reaction ~ Days + (Days | Subject), sleepstudy, REML = FALSE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)))
s <- coef(summary(f)); out(data.frame(term = rownames(s), est = s[, 1], se = s[, 2], df = s[, 3], deviance = deviance(f)), "full_likelihood_fix")

# Cluster-robust: M2 of fit_reference.R by person, M4 by dyad, single contrasts of M2.
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))
m2 <- lme4::lmer(y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person), t, control = control)
v <- vcovCR(m2, type = "CR2"); s <- coef_test(m2, vcov = v, test = "Satterthwaite")
out(data.frame(term = names(fixef(m2)), est = s$beta, se = s$SE, df = s$df_Satt), "cr2_m2")
l <- linear_contrast(m2, vcov = v, contrasts = constrain_equal(c("groupASD:x_wp", "groupSCZ:x_wp"), coefs = fixef(m2)), test = "Satterthwaite")
out(data.frame(contrast = "SCZ - ASD", est = l$Est, se = l$SE, df = l$df), "cr2_m2_contrast")
m4 <- lme4::lmer(y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session), segd, control = control)
s <- coef_test(m4, vcov = vcovCR(m4, cluster = segd$dyad, type = "CR2"), test = "Satterthwaite")
out(data.frame(term = names(fixef(m4)), est = s$beta, se = s$SE, df = s$df_Satt), "cr2_m4")
joint <- function(name, test) data.frame(term = name, F = test$Fstat, num = test$df_num, den = test$df_denom)
zero <- function(names) Wald_test(m2, constraints = constrain_zero(names, coefs = fixef(m2)), vcov = v, test = "HTZ")
out(rbind(joint("group:x_wp", zero(c("groupASD:x_wp", "groupSCZ:x_wp"))), joint("emotion", zero(c("emotionanger", "emotionsadness", "emotionsurprise")))), "cr2_m2_joint")
