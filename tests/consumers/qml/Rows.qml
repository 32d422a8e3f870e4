// For qmllint: what a TaskModel has of QAbstractListModel is known without another import.
import Legwork

TaskModel {
    id: model

    property int inserted: 0

    onRowsInserted: inserted = rowCount()
}
