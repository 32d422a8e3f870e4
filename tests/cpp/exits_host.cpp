// An application that is not linked with Legwork. It opens a library that is, has its event loop run and end, and
// closes the library, twice: exits_host LIBRARY STATE.
#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>

#include <cstdio>

#include <dlfcn.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
    const rlimit noCore{0, 0};
    setrlimit(RLIMIT_CORE, &noCore);
    QCoreApplication application(argc, argv);
    if (argc != 3)
        return 1;
    for (int round = 0; round < 2; ++round) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
        if (!library) {
            std::fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        const auto reach = reinterpret_cast<void (*)(const char *)>(dlsym(library, "reachState"));
        const auto leave = reinterpret_cast<void (*)()>(dlsym(library, "leaveState"));
        reach(argv[2]);
        // As the loop ends, so do the tasks.
        QTimer::singleShot(0, &application, &QCoreApplication::quit);
        application.exec();
        leave();
        dlclose(library);
        if (dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD))
            return 94;
    }
    return 7;
}
