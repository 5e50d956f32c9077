//! One model file.

use gatewright_contract::{Fault, Host};
use rten::{Dimension, Model, NodeId, Value};
use sha2::{Digest, Sha256};

/// A model whose input and outputs are those that we know.
pub(crate) struct Loaded {
    key: &'static str,
    model: Model,
    input: NodeId,
    outputs: Vec<NodeId>,
    shape: [usize; 4],
    /// SHA-256 of the file, in hexadecimal.
    pub(crate) mark: String,
}

impl Loaded {
    /// Reads the file that the configuration names under this key. `outputs`: by name; none named: its first.
    ///
    /// # Errors
    /// [`Fault::Config`] with the key, for what is no such model.
    pub(crate) fn read(
        host: &Host,
        key: &'static str,
        shape: [usize; 4],
        outputs: &[&str],
    ) -> Result<Self, Fault> {
        let wrong = |message: String| Fault::Config { key: key.to_owned(), message };
        let file = host.file(key)?;
        let mark = data_encoding::HEXLOWER.encode(&Sha256::digest(&file));
        let model = Model::load(file).map_err(|e| wrong(format!("no ONNX model that can be used: {e}")))?;
        let fits = |size: &Dimension, due: usize| match size {
            Dimension::Fixed(n) => *n == due,
            Dimension::Symbolic(_) => true,
        };
        let has = model.input_shape(0).unwrap_or_default();
        if has.len() != 4 || !has.iter().zip(shape).all(|(size, due)| fits(size, due)) {
            return Err(wrong(format!("a model for pictures of {shape:?}; this one takes {has:?}")));
        }
        let named = |name: &&str| model.find_node(name).ok_or_else(|| wrong(format!("it has no `{name}`")));
        let outputs = match outputs {
            [] => model.output_ids().first().map(|id| vec![*id]).unwrap_or_default(),
            names => names.iter().map(named).collect::<Result<_, _>>()?,
        };
        let input = model.input_ids().first().copied();
        let input =
            input.filter(|_| !outputs.is_empty()).ok_or_else(|| wrong("it says nothing".to_owned()))?;
        let loaded = Self { key, input, outputs, shape, mark, model };
        // What fails on an empty picture fails on all: told at the start, not at the first login.
        loaded.said(vec![0.0; shape.iter().product()]).map_err(wrong)?;
        Ok(loaded)
    }

    /// What it says of this picture.
    ///
    /// # Errors
    /// [`Fault::Internal`].
    pub(crate) fn run<const N: usize>(&self, picture: Vec<f32>) -> Result<[Vec<f32>; N], Fault> {
        let broken = |why: String| Fault::internal(format!("{}: {why}", self.key));
        let said = self.said(picture).map_err(broken)?;
        said.try_into().map_err(|_| broken("not as many outputs as at the start".to_owned()))
    }

    fn said(&self, picture: Vec<f32>) -> Result<Vec<Vec<f32>>, String> {
        let input = Value::from_shape(&self.shape, picture).map_err(|e| e.to_string())?;
        let values = self
            .model
            .run(vec![(self.input, input.into())], &self.outputs, None)
            .map_err(|e| e.to_string())?;
        let numbers = |value: Value| {
            let tensor = value.into_tensor::<f32>().ok_or("an output that is no list of numbers")?;
            Ok(tensor.into_data())
        };
        values.into_iter().map(numbers).collect()
    }
}
