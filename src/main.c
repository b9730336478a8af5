/// Entry point of the program.
#include "promptgen/host.h"

int main(int argc, char **argv)
{
    return pg_host_main(argc, argv);
}
