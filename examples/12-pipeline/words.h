// The three steps: read a text, count its words, tell those that are the most frequent in all. They know nothing of
// tasks.
#ifndef WORDS_H
#define WORDS_H

#include <QtCore/QFile>
#include <QtCore/QList>
#include <QtCore/QRegularExpression>
#include <QtCore/QStringList>
#include <QtCore/QVariantMap>

#include <algorithm>
#include <stdexcept>

inline QString readText(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error(qPrintable(path + ": " + file.errorString()));
    return QString::fromUtf8(file.readAll());
}

inline QVariantMap countWords(const QString &text)
{
    QVariantMap counts;
    static const QRegularExpression between("[^\\w]+", QRegularExpression::UseUnicodePropertiesOption);
    const auto words = text.toLower().split(between, Qt::SkipEmptyParts);
    for (const auto &word : words)
        counts[word] = counts[word].toInt() + 1;
    return counts;
}

inline QString reportOf(const QList<QVariantMap> &texts)
{
    QVariantMap sum;
    for (const auto &counts : texts) {
        for (auto word = counts.cbegin(); word != counts.cend(); ++word)
            sum[word.key()] = sum[word.key()].toInt() + word->toInt();
    }
    auto words = sum.keys();
    std::stable_sort(words.begin(), words.end(),
                     [&sum](const auto &a, const auto &b) { return sum[a].toInt() > sum[b].toInt(); });
    return words.mid(0, 5).join(", ");
}

#endif
