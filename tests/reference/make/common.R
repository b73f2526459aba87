# What the scripts beside this one share: where the data lie, how versions and numbers are kept. Run from the checkout's root.
suppressMessages(library(jsonlite))
here <- "tests/reference"
drawn <- function(name) read.csv(file.path(here, "data", paste0(name, ".csv")))
versions <- function(...) c(list(R = as.character(getRversion())), sapply(c(...), function(p) as.character(packageVersion(p)), simplify = FALSE))
save_numbers <- function(numbers, room, ..., file = "drawn.json") {
  numbers <- c(list(versions = versions(...)), numbers)
  write(toJSON(numbers, digits = 14, auto_unbox = TRUE, na = "null", null = "null", dataframe = "columns"), file.path(here, room, file))
}
