// Draws the samples of a soak.
#ifndef LEGWORK_SOAK_PICTURE_H
#define LEGWORK_SOAK_PICTURE_H

#include "samples.h"

namespace soak {

// A PNG: memory, threads, descriptors and tasks a second, over time.
bool draw(const QList<Sample> &samples, const QString &file);

} // namespace soak

#endif
