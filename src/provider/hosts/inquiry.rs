//! How hosts say whether they know a key and a model, as data. Asks nothing.

/// How a host says without generating anything whether it knows a key and a model. Paths follow the base address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelCheck {
    /// There is no such address: only an answer would tell.
    Unknown,
    /// A list of models.
    List {
        /// Its path.
        path: &'static str,
        /// What it means that a model is not in it.
        listing: Listing,
    },
    /// One model's own address; the list has names near a wrong one.
    Model {
        /// Its path, up to the model's name.
        path: &'static str,
        /// The path of the list.
        list: &'static str,
    },
    /// A list that anybody may see, and an address that only a good key opens.
    Public {
        /// The path of the list.
        list: &'static str,
        /// The path that needs the key.
        key: &'static str,
    },
}

/// What it means that a model is not in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// It is not there.
    Whole,
    /// It may be there all the same.
    Part,
    /// Nothing: the server answers with what it has loaded, whatever name it is given.
    AnyName,
}

/// The list that most servers of the OpenAI shape have.
pub(super) const MODELS: &str = "/models";
pub(super) const fn listed(listing: Listing) -> ModelCheck {
    ModelCheck::List {
        path: MODELS,
        listing,
    }
}
/// Servers of the OpenAI shape that also have each model at an address of its own.
pub(super) const MODEL_BY_NAME: ModelCheck = ModelCheck::Model {
    path: "/models/",
    list: MODELS,
};
