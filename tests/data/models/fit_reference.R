# Makes r_values/ from the data beside this file. R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, emmeans, pbkrtest 0.5.2, clubSandwich 0.5.8.
# Run in this folder: Rscript fit_reference.R
suppressMessages({library(lme4); library(lmerTest); library(emmeans); library(pbkrtest)})
emm_options(lmerTest.limit = 1e5, pbkrtest.limit = 1e5, lmer.df = "satterthwaite"); options(digits = 12)
groups <- c("HC", "ASD", "SCZ")
d <- read.csv(gzfile("sim.csv.gz"))
for (v in c("group", "dx")) d[[v]] <- factor(d[[v]], levels = groups)
d$role <- factor(d$role, levels = c("target", "partner"))
d$emotion <- factor(d$emotion, levels = c("joy", "anger", "sadness", "surprise"))
d$session <- factor(d$session); d$segment <- factor(d$segment)
t <- subset(d, role == "target")
seg <- aggregate(cbind(y, x) ~ person + dyad + group + confed + session + segment + age_c + sex + iq_c, data = t, mean)
segd <- aggregate(y ~ person + dyad + group + role + dx + session + segment, data = d, mean)
models <- list(
  M0 = list(f = Reaction ~ Days + (Days | Subject), d = sleepstudy),
  M1 = list(f = y ~ group * session + age_c + sex + (1 | person), d = seg),
  M2 = list(f = y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person), d = t),
  M3 = list(f = y ~ group * x_wp + x_pmc + emotion + (1 + x_wp | person) + (1 | person:emotion) + (1 | person:session), d = t),
  M4 = list(f = y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session), d = segd),
  M5 = list(f = y ~ group * role * session + (1 | dyad) + (1 | dyad:person) + (1 | dyad:session) + (1 | dyad:session:segment), d = segd))
for (n in names(models)) {
  m <- models[[n]]
  f <- suppressWarnings(lmerTest::lmer(m$f, data = m$d, REML = TRUE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9))))
  s <- coef(summary(f, ddf = "Satterthwaite"))
  o <- data.frame(term = rownames(s), est = s[, 1], se = s[, 2], df = s[, 3], t = s[, 4], p = s[, 5])
  if (n %in% c("M0", "M1", "M2")) { kr <- coef(summary(f, ddf = "Kenward-Roger")); o$seKR <- kr[, 2]; o$dfKR <- kr[, 3]; o$pKR <- kr[, 5] }
  write.csv(format(o, digits = 15), sprintf("r_values/R_%s_fix.csv", n), row.names = FALSE)
  write.csv(format(as.data.frame(VarCorr(f)), digits = 15), sprintf("r_values/R_%s_vc.csv", n), row.names = FALSE)
  write.csv(as.data.frame(anova(f, ddf = "Satterthwaite", type = 3)), sprintf("r_values/R_%s_anova.csv", n))
  if (n == "M1") {
    e <- emmeans(f, ~group); write.csv(as.data.frame(e), "r_values/R_M1_emm.csv")
    c1 <- as.data.frame(contrast(e, "pairwise", adjust = "none")); c1$holm <- p.adjust(c1$p.value, "holm"); c1$tukey <- as.data.frame(contrast(e, "pairwise"))$p.value
    write.csv(format(c1, digits = 15), "r_values/R_M1_con.csv") }
  if (n == "M2") {
    e <- emtrends(f, ~group, var = "x_wp"); c1 <- as.data.frame(contrast(e, "pairwise", adjust = "none")); c1$holm <- p.adjust(c1$p.value, "holm")
    write.csv(format(c1, digits = 15), "r_values/R_M2_con.csv"); write.csv(format(as.data.frame(e), digits = 15), "r_values/R_M2_trend.csv") }
}
# library(clubSandwich); coef_test(<M2>, vcov = "CR2", cluster = t$person, test = "Satterthwaite")  -> r_values/CR2_M2_coef_test.txt
