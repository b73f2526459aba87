# The calls that made qca_seeded540.json (R QCA 3.25.1). Each set of the JSON was written as <id>.csv (columns A.., Y)
# and its cuts as a row of cfg.csv (id, kind, incl, n, de); the lines of out.txt are what the JSON holds.
suppressMessages({library(admisc); library(QCA)})
cfg <- read.csv("cfg.csv", colClasses=c("integer","character","numeric","integer","character"))
out <- file("out.txt","w")
say <- function(id, what, value) cat(id, what, value, file=out, sep="|", fill=FALSE, append=TRUE)
put <- function(id, what, value) writeLines(paste(id, what, paste(value, collapse=" "), sep="|"), out)
models <- function(s) paste(sapply(s, paste, collapse="+"), collapse=";")
fit1 <- function(ic) { x <- if (!is.null(ic$sol.incl.cov)) list(ic$sol.incl.cov) else if (!is.null(ic$individual)) lapply(ic$individual, function(z) z$sol.incl.cov) else list(); paste(sapply(x, function(z) paste(format(unlist(z[1, c("inclS","PRI","covS")]), digits=15), collapse=",")), collapse=";") }
t0 <- proc.time()[1]
for (r in seq_len(nrow(cfg))) { c <- cfg[r,]; d <- read.csv(paste0(c$id,".csv")); k <- ncol(d)-1
  rownames(d) <- paste0("c", seq_len(nrow(d)))
  tt <- tryCatch(truthTable(d, outcome="Y", conditions=names(d)[1:k], incl.cut=c$incl, n.cut=c$n, complete=TRUE, show.cases=TRUE), error=function(e) e)
  if (inherits(tt,"error")) { put(c$id,"tt_error",gsub("[\n|]"," ",conditionMessage(tt))); next }
  put(c$id,"OUT",tt$tt$OUT); put(c$id,"n",tt$tt$n); put(c$id,"incl",format(suppressWarnings(as.numeric(tt$tt$incl)),digits=15)); put(c$id,"PRI",format(suppressWarnings(as.numeric(tt$tt$PRI)),digits=15))
  for (s in c("conservative","parsimonious")) {
    m <- tryCatch(if (s=="conservative") minimize(tt, details=TRUE) else minimize(tt, include="?", details=TRUE), error=function(e) e)
    if (inherits(m,"error")) { put(c$id,paste0(s,"_error"),gsub("[\n|]"," ",conditionMessage(m))); next }
    put(c$id,s,models(m$solution)); put(c$id,paste0(s,"_fit"), fit1(m$IC))
  }
  de <- c$de; if (nchar(de)) { lit <- names(d)[1:k]; ch <- strsplit(de,"")[[1]]
    e <- c(lit[ch=="1"], if (any(ch=="0")) paste0("~",lit[ch=="0"]))
    if (length(e)) { m <- tryCatch(minimize(tt, include="?", dir.exp=paste(e,collapse=","), details=TRUE), error=function(e) e)
      if (inherits(m,"error")) put(c$id,"intermediate_error",gsub("[\n|]"," ",conditionMessage(m))) else for (p in names(m$i.sol)) { put(c$id,paste0("i_",p), models(m$i.sol[[p]]$solution)); put(c$id,paste0("ip_",p), paste(c(paste(m$i.sol[[p]]$c.sol,collapse="+"), paste(m$i.sol[[p]]$p.sol,collapse="+")),collapse=";")) } } }
}
cat("cpu", proc.time()[1]-t0, "\n"); close(out)
