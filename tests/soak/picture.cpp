#include "picture.h"

#include <QtCore/QLocale>
#include <QtGui/QImage>
#include <QtGui/QPainter>
#include <QtGui/QPainterPath>

#include <algorithm>
#include <cmath>

namespace soak {

namespace {

struct Row {
    QString title;
    QColor color;
    QList<double (*)(const Sample &)> columns; // the first is drawn as an area
    int digits;
};

const QColor ink(0x24, 0x2b, 0x33);
const QColor faint(0x6b, 0x74, 0x7e);
const QColor grid(0xe3, 0xe7, 0xeb);

// A number from which the steps of an axis are easily read.
double roundUp(double value)
{
    if (value <= 0)
        return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (const double step : {1., 1.5, 2., 3., 4., 5., 8., 10.}) {
        if (value <= step * power)
            return step * power;
    }
    return 10 * power;
}

QString time(double seconds)
{
    const int whole = static_cast<int>(seconds);
    return whole % 60 == 0 ? QStringLiteral("%1 min").arg(whole / 60) : QStringLiteral("%1 s").arg(whole);
}

class Canvas {
public:
    Canvas(QPainter &painter, const QList<Sample> &samples, const QRectF &plot)
        : m_painter(painter), m_samples(samples), m_plot(plot), m_seconds(std::max(1., samples.last().seconds))
    {
    }

    void draw(const Row &row)
    {
        double most = 0;
        for (const auto &sample : m_samples)
            most = std::max(most, row.columns[0](sample));
        m_most = roundUp(most * 1.05);
        m_painter.setPen(QPen(grid, 1));
        for (int line = 0; line <= 2; ++line)
            m_painter.drawLine(QPointF(m_plot.left(), y(m_most * line / 2)),
                               QPointF(m_plot.right(), y(m_most * line / 2)));
        m_painter.setPen(faint);
        for (int line = 0; line <= 2; ++line)
            m_painter.drawText(QRectF(0, y(m_most * line / 2) - 10, m_plot.left() - 10, 20),
                               Qt::AlignRight | Qt::AlignVCenter, QString::number(m_most * line / 2));
        for (qsizetype at = 0; at < row.columns.size(); ++at)
            curve(row.columns[at], row.color, at == 0);
        m_painter.setPen(ink);
        m_painter.drawText(QRectF(m_plot.left(), m_plot.top() - 26, m_plot.width(), 20),
                           Qt::AlignLeft | Qt::AlignVCenter, row.title);
        m_painter.setPen(row.color);
        m_painter.drawText(QRectF(m_plot.left(), m_plot.top() - 26, m_plot.width(), 20),
                           Qt::AlignRight | Qt::AlignVCenter,
                           QString::number(row.columns[0](m_samples.last()), 'f', row.digits));
    }

    void axis()
    {
        double step = 10;
        for (const double next : {30., 60., 120., 300., 600., 1'800., 3'600.}) {
            if (m_seconds / step > 8)
                step = next;
        }
        m_painter.setPen(faint);
        for (double at = 0; at <= m_seconds; at += step)
            m_painter.drawText(QRectF(x(at) - 40, m_plot.bottom() + 8, 80, 20), Qt::AlignHCenter, time(at));
    }

private:
    double x(double seconds) const { return m_plot.left() + seconds / m_seconds * m_plot.width(); }
    double y(double value) const { return m_plot.bottom() - value / m_most * m_plot.height(); }

    void curve(double (*column)(const Sample &), QColor color, bool area)
    {
        QPainterPath path(QPointF(x(m_samples[0].seconds), y(column(m_samples[0]))));
        for (const auto &sample : m_samples)
            path.lineTo(x(sample.seconds), y(column(sample)));
        if (area) {
            auto filled = path;
            filled.lineTo(x(m_samples.last().seconds), m_plot.bottom());
            filled.lineTo(x(m_samples[0].seconds), m_plot.bottom());
            auto light = color;
            light.setAlpha(34);
            m_painter.fillPath(filled, light);
        }
        m_painter.setPen(QPen(color, area ? 2 : 1.2, area ? Qt::SolidLine : Qt::DashLine));
        m_painter.drawPath(path);
    }

    QPainter &m_painter;
    const QList<Sample> &m_samples;
    const QRectF m_plot;
    const double m_seconds;
    double m_most = 1;
};

} // namespace

bool draw(const QList<Sample> &samples, const QString &file)
{
    if (samples.size() < 2)
        return false;
    const QList<Row> rows{
        {QStringLiteral("Memory, MiB: resident, and dashed what is allocated"),
         QColor(0x1f, 0x6f, 0xb4),
         {[](const Sample &sample) { return sample.memory; }, [](const Sample &sample) { return sample.heap; }},
         1},
        {QStringLiteral("Threads"),
         QColor(0xc2, 0x5a, 0x10),
         {[](const Sample &sample) { return double(sample.threads); }},
         0},
        {QStringLiteral("Open descriptors"),
         QColor(0x2b, 0x87, 0x4c),
         {[](const Sample &sample) { return double(sample.descriptors); }},
         0},
        {QStringLiteral("Tasks ended a second"),
         QColor(0x7a, 0x4f, 0xa3),
         {[](const Sample &sample) { return sample.rate; }},
         0},
    };
    constexpr int width = 960;
    constexpr int rowHeight = 150;
    constexpr int top = 64;
    const int height = top + rowHeight * static_cast<int>(rows.size()) + 24;
    constexpr int scale = 2;
    QImage image(width * scale, height * scale, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    painter.scale(scale, scale);
    painter.setRenderHint(QPainter::Antialiasing);
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setPixelSize(13);
    auto large = font;
    large.setPixelSize(17);
    painter.setFont(large);
    painter.setPen(ink);
    const auto tasks = QLocale(QLocale::English).toString(static_cast<qint64>(samples.last().tasks));
    painter.drawText(
        QRectF(24, 14, width - 48, 26), Qt::AlignLeft | Qt::AlignVCenter,
        QStringLiteral("A soak of %1: %2 tasks").arg(time(std::round(samples.last().seconds / 60) * 60), tasks));
    painter.setFont(font);
    for (qsizetype at = 0; at < rows.size(); ++at) {
        const QRectF plot(64, top + double(at) * rowHeight + 24, width - 64 - 32, rowHeight - 60);
        Canvas canvas(painter, samples, plot);
        canvas.draw(rows[at]);
        if (at + 1 == rows.size())
            canvas.axis();
    }
    painter.end();
    return image.save(file);
}

} // namespace soak
