/// The promptgen program as a function: the embedded interpreter, its limits and its worker.
#ifndef PROMPTGEN_HOST_H
#define PROMPTGEN_HOST_H

/// Runs the command line and returns the process exit status (see promptgen/status.h). Reads the
/// environment and the standard streams; call it once, from main, in a single-threaded process.
int pg_host_main(int argc, char **argv);

#endif
