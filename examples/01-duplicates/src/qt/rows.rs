//! `Rows`: the session's lists as models for QML. `refresh` fetches what has changed.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::pin::Pin;

use cxx_qt::CxxQtType;
use cxx_qt_lib::{
    QByteArray, QHash, QHashPair_i32_QByteArray, QList, QModelIndex, QString, QStringList, QVariant,
};

use crate::finder::search::BucketId;
use crate::session::{self, Session};

#[cxx_qt::bridge]
mod ffi {
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
        include!("cxx-qt-lib/qmodelindex.h");
        type QModelIndex = cxx_qt_lib::QModelIndex;
        include!("cxx-qt-lib/qhash.h");
        type QHash_i32_QByteArray = cxx_qt_lib::QHash<cxx_qt_lib::QHashPair_i32_QByteArray>;
        include!("cxx-qt-lib/qlist.h");
        type QList_i32 = cxx_qt_lib::QList<i32>;
    }

    unsafe extern "C++Qt" {
        include!(<QtCore/QAbstractListModel>);
        #[qobject]
        type QAbstractListModel;
    }

    extern "RustQt" {
        /// `kind` is one of "groups", "failures", and is set once.
        #[qobject]
        #[qml_element]
        #[base = QAbstractListModel]
        #[qproperty(QString, kind)]
        #[qproperty(i32, count, READ, NOTIFY = count_changed)]
        type Rows = super::RowsRust;

        #[qsignal]
        #[cxx_name = "countChanged"]
        fn count_changed(self: Pin<&mut Rows>);

        #[qinvokable]
        fn refresh(self: Pin<&mut Rows>);
        /// The rows from `first` to `last` of the groups are on the screen.
        #[qinvokable]
        #[cxx_name = "lookAt"]
        fn look_at(self: &Rows, first: i32, last: i32);

        #[qinvokable]
        #[cxx_override]
        fn data(self: &Rows, index: &QModelIndex, role: i32) -> QVariant;
        #[qinvokable]
        #[cxx_override]
        #[cxx_name = "rowCount"]
        fn row_count(self: &Rows, parent: &QModelIndex) -> i32;
        #[qinvokable]
        #[cxx_override]
        #[cxx_name = "roleNames"]
        fn role_names(self: &Rows) -> QHash_i32_QByteArray;
    }

    unsafe extern "RustQt" {
        #[inherit]
        #[cxx_name = "beginInsertRows"]
        fn begin_insert_rows(self: Pin<&mut Rows>, parent: &QModelIndex, first: i32, last: i32);
        #[inherit]
        #[cxx_name = "endInsertRows"]
        fn end_insert_rows(self: Pin<&mut Rows>);
        #[inherit]
        #[cxx_name = "beginRemoveRows"]
        fn begin_remove_rows(self: Pin<&mut Rows>, parent: &QModelIndex, first: i32, last: i32);
        #[inherit]
        #[cxx_name = "endRemoveRows"]
        fn end_remove_rows(self: Pin<&mut Rows>);
        #[inherit]
        #[cxx_name = "beginMoveRows"]
        fn begin_move_rows(
            self: Pin<&mut Rows>,
            parent: &QModelIndex,
            first: i32,
            last: i32,
            destination: &QModelIndex,
            before: i32,
        ) -> bool;
        #[inherit]
        #[cxx_name = "endMoveRows"]
        fn end_move_rows(self: Pin<&mut Rows>);
        #[inherit]
        fn index(self: &Rows, row: i32, column: i32, parent: &QModelIndex) -> QModelIndex;
        #[inherit]
        #[qsignal]
        #[cxx_name = "dataChanged"]
        fn data_changed(
            self: Pin<&mut Rows>,
            top_left: &QModelIndex,
            bottom_right: &QModelIndex,
            roles: &QList_i32,
        );
    }
}

pub use ffi::Rows;

/// So many groups are shown: the most wasteful. A window that has to be scrolled for an hour shows
/// nobody more.
const MOST_GROUPS: usize = 500;

/// So many paths of a group are shown.
const MOST_PATHS: usize = 100;

/// `Qt::UserRole + 1`.
const FIRST_ROLE: i32 = 0x101;

#[derive(Default)]
pub struct RowsRust {
    kind: QString,
    count: i32,
    rows: Vec<Row>,
    /// Of the search whose rows these are.
    serial: u64,
}

struct Row {
    key: u64,
    version: u64,
    /// In the order of the roles.
    values: Vec<QVariant>,
}

/// A row as it is to be; without values if it is as it was.
struct Wanted {
    key: u64,
    version: u64,
    values: Option<Vec<QVariant>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Groups,
    Failures,
}

impl Kind {
    fn roles(self) -> &'static [&'static str] {
        match self {
            Kind::Groups => &["name", "paths", "more", "copies", "size", "wasted", "pending"],
            Kind::Failures => &["message"],
        }
    }

    fn wanted(self, session: &Session, known: &HashMap<u64, u64>) -> Vec<Wanted> {
        let want = |key: u64, version: u64, values: &dyn Fn() -> Vec<QVariant>| {
            let values = (known.get(&key) != Some(&version)).then(values);
            Wanted { key, version, values }
        };
        match self {
            Kind::Groups => {
                let rows = session.search.rows().take(MOST_GROUPS);
                rows.map(|row| {
                    let key = u64::from(row.bucket.number()) << 32 | u64::from(row.group);
                    want(key, row.version, &|| group(session, &row))
                })
                .collect()
            }
            Kind::Failures => {
                let failures = session.failures.iter().enumerate();
                let serial = session.serial << 32;
                failures
                    .map(|(index, message)| want(serial | index as u64, 0, &|| vec![text(message)]))
                    .collect()
            }
        }
    }
}

fn text(text: &str) -> QVariant {
    QVariant::from(&QString::from(text))
}

fn group(session: &Session, row: &crate::finder::search::Row<'_>) -> Vec<QVariant> {
    let search = &session.search;
    let mut paths: Vec<_> = row.files.iter().map(|file| search.path(*file)).collect();
    paths.sort();
    let name = paths.first().and_then(|path| path.file_name()).unwrap_or_default();
    let mut shown = QStringList::default();
    for path in paths.iter().take(MOST_PATHS) {
        shown.append(QString::from(below(&session.root, path).as_ref()));
    }
    let copies = row.files.len();
    vec![
        text(&name.to_string_lossy()),
        QVariant::from(&shown),
        QVariant::from(&(copies.saturating_sub(MOST_PATHS) as i32)),
        QVariant::from(&(copies as i32)),
        QVariant::from(&(row.size as f64)),
        QVariant::from(&((row.size * (copies as u64 - 1)) as f64)),
        QVariant::from(&(row.pending as i32)),
    ]
}

/// A path as it is shown: without what all have in common.
fn below<'a>(root: &Path, path: &'a Path) -> std::borrow::Cow<'a, str> {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy()
}

impl Rows {
    fn known_kind(&self) -> Option<Kind> {
        match self.kind.to_string().as_str() {
            "groups" => Some(Kind::Groups),
            "failures" => Some(Kind::Failures),
            _ => None,
        }
    }

    fn row_count(&self, parent: &QModelIndex) -> i32 {
        // A list's rows have none below them.
        if parent.is_valid() { 0 } else { self.rows.len() as i32 }
    }

    fn role_names(&self) -> QHash<QHashPair_i32_QByteArray> {
        let mut names = QHash::<QHashPair_i32_QByteArray>::default();
        let roles = self.known_kind().map_or(&[][..], Kind::roles);
        for (role, name) in (FIRST_ROLE..).zip(roles) {
            names.insert(role, QByteArray::from(*name));
        }
        names
    }

    fn data(&self, index: &QModelIndex, role: i32) -> QVariant {
        let row = usize::try_from(index.row()).ok().and_then(|row| self.rows.get(row));
        let role = usize::try_from(role - FIRST_ROLE).ok();
        row.zip(role).and_then(|(row, role)| row.values.get(role)).cloned().unwrap_or_default()
    }

    fn look_at(&self, first: i32, last: i32) {
        if self.known_kind() != Some(Kind::Groups) {
            return;
        }
        let first = usize::try_from(first).unwrap_or(0);
        let count = usize::try_from(last + 1).unwrap_or(0).saturating_sub(first);
        let visible = self.rows.iter().skip(first).take(count);
        let buckets: Vec<_> = visible.map(|row| BucketId::from_number((row.key >> 32) as u32)).collect();
        session::look_at(&buckets);
    }

    fn refresh(mut self: Pin<&mut Self>) {
        let Some(kind) = self.known_kind() else { return };
        let serial = session::with(|session| session.serial).unwrap_or_default();
        // Buckets and their versions are counted anew in each search.
        let same = std::mem::replace(&mut self.as_mut().rust_mut().serial, serial) == serial;
        let known = self.rows.iter().filter(|_| same).map(|row| (row.key, row.version)).collect();
        let wanted = session::with(|session| kind.wanted(session, &known)).unwrap_or_default();
        self.as_mut().remove_all_but(&wanted);
        for (at, row) in wanted.into_iter().enumerate() {
            self.as_mut().place(at, row);
        }
        let count = self.rows.len() as i32;
        if self.count != count {
            self.as_mut().rust_mut().count = count;
            self.count_changed();
        }
    }

    fn remove_all_but(mut self: Pin<&mut Self>, wanted: &[Wanted]) {
        let keys: HashSet<u64> = wanted.iter().map(|row| row.key).collect();
        let root = QModelIndex::default();
        for at in (0..self.rows.len()).rev() {
            if !keys.contains(&self.rows[at].key) {
                self.as_mut().begin_remove_rows(&root, at as i32, at as i32);
                self.as_mut().rust_mut().rows.remove(at);
                self.as_mut().end_remove_rows();
            }
        }
    }

    /// Puts a row where it belongs; those before it are in their places.
    fn place(mut self: Pin<&mut Self>, at: usize, wanted: Wanted) {
        let root = QModelIndex::default();
        let row = at as i32;
        let Some(from) = self.rows[at..].iter().position(|row| row.key == wanted.key) else {
            let (key, version) = (wanted.key, wanted.version);
            self.as_mut().begin_insert_rows(&root, row, row);
            let new = Row { key, version, values: wanted.values.unwrap_or_default() };
            self.as_mut().rust_mut().rows.insert(at, new);
            self.end_insert_rows();
            return;
        };
        if from > 0 {
            let from = at + from;
            self.as_mut().begin_move_rows(&root, from as i32, from as i32, &root, row);
            let mut rust = self.as_mut().rust_mut();
            let moved = rust.rows.remove(from);
            rust.rows.insert(at, moved);
            self.as_mut().end_move_rows();
        }
        if let Some(values) = wanted.values {
            let mut rust = self.as_mut().rust_mut();
            rust.rows[at].version = wanted.version;
            rust.rows[at].values = values;
            let index = self.index(row, 0, &root);
            self.data_changed(&index, &index, &QList::default());
        }
    }
}
