// Chance, from a seed.
#ifndef LEGWORK_SOAK_DICE_H
#define LEGWORK_SOAK_DICE_H

#include <QtCore/QtGlobal>

#include <initializer_list>

namespace soak {

// splitmix64. Each thread has one of its own.
class Dice {
public:
    explicit Dice(quint64 seed) : m_state(seed) { }

    quint64 next()
    {
        m_state += 0x9e3779b97f4a7c15;
        quint64 z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    // From 0 to `count` - 1.
    int below(int count) { return static_cast<int>(next() % static_cast<quint64>(count)); }
    // Once in so many times.
    bool once(int times) { return below(times) == 0; }
    template<typename T> T of(std::initializer_list<T> list)
    {
        return list.begin()[below(static_cast<int>(list.size()))];
    }

private:
    quint64 m_state;
};

} // namespace soak

#endif
